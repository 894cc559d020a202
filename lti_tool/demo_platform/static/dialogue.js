// Opens "Select content" as a dialogue with the tool in a frame, as Moodle does. Without scripts it is a page of its own.
(function () {
  const dialogue = document.getElementById("dialogue");
  const frame = document.getElementById("selectframe");
  const link = document.getElementById("select");
  link.addEventListener("click", (event) => {
    event.preventDefault();
    frame.src = link.href;
    dialogue.showModal();
  });
  document.getElementById("dialogue-close").addEventListener("click", () => dialogue.close());
  dialogue.addEventListener("close", () => frame.removeAttribute("src"));
})();
