/** The page's only script: filters the samples and moves through them by keyboard. The page can be read without it. */

/** Kept small, in the language of browsers since 2020; the page's policy allows this text by its digest and no other. */
export const pageScript = `'use strict';
(() => {
  const list = document.getElementById('sample-list');
  const form = document.getElementById('filters');
  if (!list || !form) return;
  const viewer = document.getElementById('viewer');
  const body = document.getElementById('viewer-body');
  const output = document.getElementById('shown');
  const cards = [...list.querySelectorAll('.sample')];
  let open = -1;
  const visible = () => cards.filter((card) => !card.hidden);
  const apply = () => {
    const { subtask, outcome, failures, boxes } = form.elements;
    for (const card of cards) {
      const { dataset } = card;
      card.hidden =
        (subtask.value !== '' && dataset.subtask !== subtask.value) ||
        (outcome.value !== '' && !dataset.outcomes.split(' ').includes(outcome.value)) ||
        (failures.checked && dataset.failed !== 'yes');
    }
    document.body.classList.toggle('without-boxes', !boxes.checked);
    output.textContent = visible().length + ' of ' + cards.length + ' shown';
  };
  const show = (place) => {
    const shown = visible();
    if (shown.length === 0) return;
    open = Math.max(0, Math.min(shown.length - 1, place));
    const card = shown[open];
    card.focus({ preventScroll: viewer.open });
    if (!viewer.open) card.scrollIntoView({ block: 'nearest' });
    else fill(card, shown.length);
  };
  const fill = (card, count) => {
    const copy = card.cloneNode(true);
    copy.removeAttribute('tabindex');
    const place = document.createElement('p');
    place.className = 'place';
    place.textContent = open + 1 + ' of ' + count;
    body.replaceChildren(place, copy);
  };
  const enlarge = (card) => {
    open = visible().indexOf(card);
    if (open < 0) return;
    if (!viewer.open) viewer.showModal();
    fill(card, visible().length);
  };
  form.addEventListener('input', apply);
  form.addEventListener('submit', (event) => event.preventDefault());
  list.addEventListener('click', (event) => {
    const card = event.target.closest('.sample');
    if (card && event.target.closest('.picture')) enlarge(card);
  });
  viewer.addEventListener('click', (event) => {
    if (event.target === viewer) viewer.close();
  });
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('select, input, summary')) return;
    const focused = visible().indexOf(document.activeElement);
    const { top, bottom } = list.getBoundingClientRect();
    const inside = viewer.open || focused >= 0 || (top < innerHeight && bottom > 0);
    const place = viewer.open ? open : focused;
    const moves = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: visible().length - 1 };
    if (inside && event.key in moves) {
      event.preventDefault();
      show(moves[event.key]);
    } else if (event.key === 'Enter' && focused >= 0 && !viewer.open) {
      event.preventDefault();
      enlarge(document.activeElement);
    } else if (event.key === 'b' || event.key === 'f') {
      const box = form.elements[event.key === 'b' ? 'boxes' : 'failures'];
      box.checked = !box.checked;
      apply();
    }
  });
  apply();
})();
`;
