// Comfort only: every page works without this script.
(function () {
  "use strict";
  var summary = document.querySelector(".summary");
  if (summary) { summary.focus(); }

  // The progress page moves by itself: the server tells that the case moved, the board is fetched again.
  var board = document.querySelector("[data-events]");
  if (!board || !window.EventSource) { return; }
  var asked = false, again = false;
  var live = document.querySelector("[data-live-text]");

  function opened() {
    return Array.prototype.map.call(board.querySelectorAll("details[open]"), function (one) { return one.id; });
  }
  function show(text) {
    var states = {};
    board.querySelectorAll("[data-state]").forEach(function (one) { states[one.id] = one.dataset.state; });
    var open = opened(), held = document.activeElement && document.activeElement.closest("form") ? true : false;
    if (held && board.contains(document.activeElement)) { return; }
    board.innerHTML = text;
    open.forEach(function (id) { var one = document.getElementById(id); if (one) { one.open = true; } });
    board.querySelectorAll("[data-state]").forEach(function (one) {
      if (states[one.id] && states[one.id] !== one.dataset.state) { one.classList.add("changed"); }
    });
  }
  function fetchBoard() {
    if (asked) { again = true; return; }
    asked = true;
    fetch(board.dataset.board, { credentials: "same-origin", headers: { Accept: "text/html" } })
      .then(function (answer) { return answer.ok ? answer.text() : Promise.reject(answer.status); })
      .then(show)
      .catch(function () { if (live) { live.textContent = live.dataset.paused; } })
      .then(function () { asked = false; if (again) { again = false; fetchBoard(); } });
  }
  var events = new EventSource(board.dataset.events);
  events.onopen = function () { if (live) { live.textContent = live.dataset.live; } fetchBoard(); };
  events.onerror = function () { if (live) { live.textContent = live.dataset.paused; } };
  events.onmessage = fetchBoard;
  ["change", "case", "progress", "changed"].forEach(function (name) { events.addEventListener(name, fetchBoard); });
})();
