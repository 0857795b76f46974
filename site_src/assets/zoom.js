// Zooms and pans diagrams. Without this script a diagram is a picture that scrolls. Zooming sets
// the size of the drawing; panning scrolls its view, so that arrow keys, wheel, touch and
// scrollbars work as usual.
(function () {
  "use strict";

  const make = window.atlasMake;
  const STEP = 1.25;
  const SMALLEST = 0.05;
  const LARGEST = 8;
  const MARGIN = 32;

  function makeButton(textContent, label, onclick) {
    return make("button", { type: "button", textContent, ariaLabel: label, title: label, onclick });
  }

  function activate(figure) {
    const view = figure.querySelector(".atlas-zoom__view");
    const drawing = view.querySelector("svg");
    const { width, height } = drawing.viewBox.baseVal;
    const status = make("output");
    let scale = 1;

    // Keeps the point (x, y), in pixels from the view's corner, in place.
    function zoomTo(wanted, x = view.clientWidth / 2, y = view.clientHeight / 2) {
      const before = drawing.getBoundingClientRect();
      const corner = view.getBoundingClientRect();
      const across = (corner.left + x - before.left) / before.width;
      const down = (corner.top + y - before.top) / before.height;
      scale = Math.min(LARGEST, Math.max(SMALLEST, wanted));
      drawing.style.width = `${width * scale}px`;
      drawing.style.height = `${height * scale}px`;
      const after = drawing.getBoundingClientRect();
      view.scrollLeft += after.left + across * after.width - corner.left - x;
      view.scrollTop += after.top + down * after.height - corner.top - y;
      status.textContent = `${Math.round(scale * 100)} %`;
      view.classList.toggle(
        "is-movable",
        view.scrollWidth > view.clientWidth || view.scrollHeight > view.clientHeight,
      );
    }

    function fit() {
      const room = figure === document.fullscreenElement ? view.clientHeight : innerHeight * 0.85;
      zoomTo(Math.min((view.clientWidth - MARGIN) / width, (room - MARGIN) / height));
    }

    // Keeps the uppermost node in view: the middle of a large diagram's edge can be empty.
    function reset() {
      zoomTo(1);
      const boxes = [...drawing.querySelectorAll("g.node")].map((node) => node.getBoundingClientRect());
      const [first] = boxes.sort((one, other) => one.top - other.top);
      const frame = view.getBoundingClientRect();
      view.scrollTop = 0;
      if (first) {
        view.scrollLeft += (first.left + first.right - frame.left - frame.right) / 2;
      }
    }

    function toggleFullScreen() {
      if (document.fullscreenElement) {
        document.exitFullscreen();
      } else {
        figure.requestFullscreen();
      }
    }

    const bar = make("div", { className: "atlas-bar", role: "group", ariaLabel: "Zoom" });
    bar.append(
      makeButton("+", "Zoom in", () => zoomTo(scale * STEP)),
      makeButton("−", "Zoom out", () => zoomTo(scale / STEP)),
      makeButton("100 %", "100 %: natural size", reset),
      makeButton("Fit", "Fit: show the whole figure", fit),
    );
    if (document.fullscreenEnabled) {
      bar.append(makeButton("Full screen", "Full screen", toggleFullScreen));
    }
    bar.append(status);
    figure.prepend(bar);

    view.addEventListener("keydown", (event) => {
      const actions = { "+": () => zoomTo(scale * STEP), "-": () => zoomTo(scale / STEP), 0: reset };
      if (actions[event.key] && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        actions[event.key]();
      }
    });

    // A pinch on a touchpad arrives as a wheel event with Ctrl held.
    view.addEventListener(
      "wheel",
      (event) => {
        if (event.ctrlKey || event.metaKey) {
          event.preventDefault();
          const corner = view.getBoundingClientRect();
          const factor = Math.exp(-event.deltaY * 0.01);
          zoomTo(scale * factor, event.clientX - corner.left, event.clientY - corner.top);
        }
      },
      { passive: false },
    );

    makeDraggable(view);
    makePinchable(view, () => scale, zoomTo);
    reset();
  }

  function makeDraggable(view) {
    let last = null;
    view.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "mouse" && event.button === 0 && !event.target.closest("a")) {
        last = event;
        view.setPointerCapture(event.pointerId);
        view.classList.add("is-moving");
      }
    });
    view.addEventListener("pointermove", (event) => {
      if (last) {
        view.scrollBy(last.clientX - event.clientX, last.clientY - event.clientY);
        last = event;
      }
    });
    for (const end of ["pointerup", "pointercancel"]) {
      view.addEventListener(end, () => {
        last = null;
        view.classList.remove("is-moving");
      });
    }
  }

  function makePinchable(view, scaleNow, zoomTo) {
    let start = null;
    const spread = ([a, b]) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
    view.addEventListener("touchstart", (event) => {
      start = event.touches.length === 2 ? { spread: spread(event.touches), scale: scaleNow() } : null;
    });
    view.addEventListener(
      "touchmove",
      (event) => {
        if (start && event.touches.length === 2) {
          event.preventDefault();
          const [a, b] = event.touches;
          const corner = view.getBoundingClientRect();
          const x = (a.clientX + b.clientX) / 2 - corner.left;
          const y = (a.clientY + b.clientY) / 2 - corner.top;
          zoomTo((start.scale * spread(event.touches)) / start.spread, x, y);
        }
      },
      { passive: false },
    );
  }

  document.querySelectorAll("[data-atlas-zoom]").forEach(activate);
})();
