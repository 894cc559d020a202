// The course index stands open where there is room, and closed on a phone. Runs right after the drawer, so nothing jumps.
(function () {
  const drawer = document.getElementById("drawer");
  const wide = window.matchMedia("(min-width: 62em)");
  const fit = () => { drawer.open = wide.matches; };
  fit();
  wide.addEventListener("change", fit);
})();
