/* Keys of the reviewers: j and k move in the queue, Enter opens; a and r choose the verdict.
   The pages work without this file. */
(function () {
  "use strict";
  var rows = Array.prototype.slice.call(document.querySelectorAll("#queue tr[data-row]"));
  var at = -1;

  function typing(target) {
    return target.closest("input, textarea, select, button, [contenteditable]");
  }

  function choose(next) {
    if (!rows.length) return;
    if (rows[at]) rows[at].classList.remove("is-chosen");
    at = Math.max(0, Math.min(rows.length - 1, next));
    rows[at].classList.add("is-chosen");
    rows[at].querySelector("a").focus({ preventScroll: true });
    rows[at].scrollIntoView({ block: "nearest" });
  }

  function verdict(value) {
    var radio = document.querySelector('#opinion-form input[name="verdict"][value="' + value + '"]');
    if (!radio) return;
    radio.checked = true;
    radio.focus();
  }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target) && event.target.type !== "radio") return;
    if (event.key === "j") choose(at + 1);
    else if (event.key === "k") choose(at - 1);
    else if (event.key === "a") verdict("agree");
    else if (event.key === "r") verdict("object");
    else return;
    event.preventDefault();
  });
})();
