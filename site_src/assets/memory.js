// Peak memory of inference: the sliders of a network's memory page, and the choice of a card on the
// page What fits. The state is in the address.
(function () {
  "use strict";

  const MIB = 2 ** 20;
  // How a page shows each verdict.
  const SHADES = { fits: "is-agrees", tight: "is-explained", "does not fit": "is-differs" };

  // Bytes that a pass takes beyond the weights; `growth` are its moments, each [base, shared, shared
  // square, sample, area, frame, unit, square of the unit], as in the records.
  function activations(term, growth, load) {
    const area = term.area === null ? load.area : Math.min(load.area, term.area);
    const samples = term.samples ? term.samples * load.batch : 1;
    const given = term.frames === null ? load.frames : Math.min(load.frames, term.frames);
    const frames = Math.ceil(given / term.frame_multiple) * term.frame_multiple;
    const unit = area * frames;
    const moments = growth.map(([base, shared, shared2, sample, perArea, perFrame, perUnit, perUnit2]) => {
      const each = sample + perArea * area + perFrame * frames + perUnit * unit;
      const linear = base + shared * unit + samples * each;
      return term.scale * linear + term.square * (shared2 + samples * perUnit2) * unit ** 2;
    });
    return Math.max(...moments, 0) * MIB + term.image * load.batch * load.area * load.frames;
  }

  // The largest pass of each stage, and the peak of what is live and of what may be reserved.
  function predict(terms, growths, load, overheads) {
    const stages = new Map();
    let high = 0;
    for (const term of terms) {
      const live = term.weights + activations(term, growths[term.live], load) + overheads.workspace;
      stages.set(term.stage, Math.max(stages.get(term.stage) ?? 0, live));
      high = Math.max(high, term.reserved + activations(term, growths[term.cached ?? term.live], load));
    }
    const low = Math.max(...stages.values());
    return { stages, low, high: Math.max(high, low) + overheads.beside };
  }

  function verdict({ low, high }, card, overheads) {
    if (high <= card) {
      return "fits";
    }
    return low + overheads.context <= card ? "tight" : "does not fit";
  }

  const gib = (bytes) => `${(bytes / 2 ** 30).toFixed(2)} GiB`;

  function keepInAddress(form) {
    const query = new URLSearchParams(new FormData(form));
    history.replaceState(null, "", `?${query}${location.hash}`);
  }

  function restore(form) {
    for (const [name, value] of new URLSearchParams(location.search)) {
      const control = form.elements.namedItem(name);
      const allowed = control?.options ? [...control.options].some((one) => one.value === value) : control;
      if (allowed && control.type !== "submit") {
        control.value = value;
      }
    }
  }

  function startSliders(form) {
    const data = JSON.parse(document.getElementById("atlas-memory").textContent);
    const result = form.querySelector("output[name=peak]");
    function show() {
      const chosen = Object.fromEntries(new FormData(form));
      const side = Number(chosen.side);
      const height = Math.round((side * data.height) / data.width / data.step) * data.step;
      const load = {
        batch: Number(chosen.batch),
        area: (side * height) / MIB,
        frames: chosen.frames ? Math.floor((Number(chosen.frames) - 1) / data.time) + 1 : 1,
      };
      const terms = data.runs[[chosen.strategy, chosen.weights, chosen.vae].join("|")];
      const told = predict(terms, data.growths, load, data.overheads);
      const cards = data.cards.map((card) => {
        const found = verdict(told, card * 2 ** 30, data.overheads);
        return window.atlasMake("li", { className: `atlas-verdict ${SHADES[found]}`, textContent: `${card} GB ${found}` });
      });
      const stages = [...told.stages].map(([name, bytes]) => `${data.stages[name]} ${gib(bytes)}`);
      result.value = `${side} × ${height} px: ${gib(told.low)} live at once, about ${gib(told.high)} reserved`;
      form.querySelector("[data-stages]").textContent = stages.join(", ");
      form.querySelector("[data-cards]").replaceChildren(...cards);
      for (const slider of form.querySelectorAll("input[type=range]")) {
        slider.nextElementSibling.textContent = slider.value;
      }
    }
    restore(form);
    form.hidden = false;
    form.addEventListener("input", () => {
      show();
      keepInAddress(form);
    });
    show();
  }

  function startCards(form) {
    const grid = document.querySelector("[data-atlas-table=fits]");
    const summary = form.querySelector("output");
    function show() {
      const card = form.elements.card.value;
      for (const head of grid.querySelectorAll("th[data-key^=card]")) {
        const hidden = card !== "all" && head.dataset.key !== `card${card}`;
        const place = head.cellIndex + 1;
        for (const cell of grid.querySelectorAll(`tr > :nth-child(${place})`)) {
          cell.hidden = hidden;
        }
      }
      summary.value = form.querySelector(`option[value="${card}"]`).dataset.summary ?? "";
    }
    restore(form);
    form.hidden = false;
    // The search leads to the names of a card's size: the table shows that card.
    const named = location.hash.match(/^#card-(\d+)$/);
    if (named && !new URLSearchParams(location.search).has("card") && form.querySelector(`option[value="${named[1]}"]`)) {
      form.elements.card.value = named[1];
      form.scrollIntoView();
    }
    form.addEventListener("input", () => {
      show();
      keepInAddress(form);
    });
    show();
  }

  if (typeof module !== "undefined") {
    module.exports = { predict, verdict };
    return;
  }
  const sliders = document.querySelector("form[data-atlas-sliders]");
  const cards = document.querySelector("form[data-atlas-cards]");
  if (sliders) {
    startSliders(sliders);
  }
  if (cards) {
    startCards(cards);
  }
})();
