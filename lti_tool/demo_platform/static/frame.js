// Fits the activity's frame to the window, as Moodle does: it ends a little above the lower edge.
(function () {
  const frame = document.getElementById("contentframe");
  const leastHeight = 480;
  const margin = 16;
  const fit = () => {
    const top = frame.getBoundingClientRect().top + window.scrollY;
    frame.style.height = Math.max(leastHeight, Math.floor(window.innerHeight - top - margin)) + "px";
  };
  fit();
  window.addEventListener("resize", fit);
})();
