/* One page large: + and - zoom, n and p go on and back. Works as links without this file. */
(function () {
  "use strict";
  var frame = document.querySelector(".yz-page-large");
  if (!frame) return;
  var links = document.querySelectorAll("[data-zoom-to]");

  function zoom(level) {
    var wanted = String(Math.max(1, Math.min(4, level)));
    frame.dataset.zoom = wanted;
    links.forEach(function (link) {
      if (link.dataset.zoomTo === wanted) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
  }

  function follow(selector) {
    var link = document.querySelector(selector);
    if (link) link.click();
  }

  links.forEach(function (link) {
    link.addEventListener("click", function (event) { event.preventDefault(); zoom(Number(link.dataset.zoomTo)); });
  });
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select")) return;
    if (event.key === "+" || event.key === "=") zoom(Number(frame.dataset.zoom) + 1);
    else if (event.key === "-") zoom(Number(frame.dataset.zoom) - 1);
    else if (event.key === "n") follow("[data-after]");
    else if (event.key === "p") follow("[data-before]");
  });
})();
