/* Keys of the reviewers. In the queue j and k move, Enter opens, a claims and r gives back the chosen
   task; on a task a and r choose the verdict. The pages work without this file. */
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

  /* The chosen row's own button, where it has one: claim, or give back. */
  function press(name) {
    var form = rows[at] && rows[at].querySelector("form[data-" + name + "]");
    if (form) form.querySelector("button").click();
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
    else if (event.key === "a") rows.length ? press("claim") : verdict("agree");
    else if (event.key === "r") rows.length ? press("release") : verdict("object");
    else return;
    event.preventDefault();
  });
})();
