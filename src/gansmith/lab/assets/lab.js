// The page reads without this; it sets the pictures in motion.
(() => {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const SECONDS = 9;
  document.querySelectorAll("figure.moving").forEach((figure) => {
    const count = +figure.dataset.count;
    const parts = [...figure.querySelectorAll("[data-frames]")].map((part) => [part, JSON.parse(part.dataset.frames)]);
    const walks = [...figure.querySelectorAll("[data-walk]")].map((walk) =>
      [walk.querySelector("path"), walk.querySelector("circle"), JSON.parse(walk.dataset.walk)]);
    const bar = figure.querySelector(".time");
    const [button, range] = [bar.querySelector("button"), bar.querySelector("input")];
    const show = (at) => {
      for (const [part, frames] of parts)
        if (part.tagName === "path") part.setAttribute("d", frames[at]); else part.textContent = frames[at];
      for (const [trail, dot, places] of walks) {
        trail.setAttribute("d", "M" + places.slice(0, at + 1).map((p) => p.join(" ")).join("L"));
        dot.setAttribute("cx", places[at][0]);
        dot.setAttribute("cy", places[at][1]);
      }
      range.value = at;
    };
    let began = null, from = 0;
    const stop = () => { began = null; button.textContent = "play"; };
    const tick = (now) => {
      if (began === null) return;
      const at = Math.min(count - 1, Math.floor(from + (now - began) / 1000 / SECONDS * (count - 1)));
      show(at);
      if (at === count - 1) stop(); else requestAnimationFrame(tick);
    };
    const play = () => {
      from = +range.value === count - 1 ? 0 : +range.value;
      button.textContent = "stop";
      requestAnimationFrame((now) => { began = now; tick(now); });
    };
    button.addEventListener("click", () => began === null ? play() : stop());
    range.addEventListener("input", () => { stop(); show(+range.value); });
    bar.hidden = false;
    show(+figure.dataset.still);
    if (still || !("IntersectionObserver" in window)) return;
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      seen.disconnect();
      range.value = count - 1;
      play();
    }, { threshold: 0.6 });
    seen.observe(figure);
  });
})();
