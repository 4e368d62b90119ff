// Arrow keys in a picture of a building: along a floor, and from floor to floor. Without this
// script Tab goes from home to home.
"use strict";

const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

function neighbour(picture, here, [down, along]) {
  const floors = [...picture.querySelectorAll(".yz-floor")]
    .map((floor) => [...floor.querySelectorAll("a.yz-unit")])
    .filter((homes) => homes.length);
  const row = floors.findIndex((homes) => homes.includes(here));
  const homes = floors[row + down];
  if (!homes) return null;
  const place = floors[row].indexOf(here) + along;
  return homes[Math.max(0, Math.min(place, homes.length - 1))];
}

for (const picture of document.querySelectorAll(".yz-building")) {
  picture.addEventListener("keydown", (event) => {
    const here = event.target.closest("a.yz-unit");
    const move = MOVES[event.key];
    if (!here || !move || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = neighbour(picture, here, move);
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}
