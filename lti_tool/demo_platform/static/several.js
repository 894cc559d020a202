// Posts what was chosen one after another, as Moodle does, and then shows the course. What fails is left to the button.
(async function () {
  const form = document.getElementById("several");
  const progress = document.getElementById("progress");
  const count = Number(form.dataset.count);
  for (let index = 0; index < count; index += 1) {
    progress.textContent = `${index + 1} of ${count}`;
    const body = new URLSearchParams(new FormData(form));
    body.set("index", index);
    const answer = await fetch(form.action, { method: "POST", body });
    if (!answer.ok) {
      progress.textContent = "Something went wrong. Press the button to add the rest.";
      return;
    }
    form.dataset.course = answer.url;
  }
  window.top.location.replace(form.dataset.course);
})();
