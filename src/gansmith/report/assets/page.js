// The page reads without this; it adds the time slider, values under the pointer, and copy buttons.
(() => {
  const gallery = document.querySelector(".gallery");
  const items = gallery ? [...gallery.querySelectorAll(".strip li")] : [];
  if (items.length > 1) {
    const large = gallery.querySelector(".large img");
    const said = gallery.querySelector(".large output");
    const bar = gallery.querySelector(".time");
    const [play, range] = [bar.querySelector("button"), bar.querySelector("input")];
    let timer = null;
    const show = (index) => {
      range.value = index;
      large.src = items[index].querySelector("img").src;
      said.textContent = items[index].querySelector("span").textContent;
      items.forEach((item, i) => i === index ? item.setAttribute("aria-current", "true") : item.removeAttribute("aria-current"));
      const strip = items[index].parentElement;
      strip.scrollLeft = items[index].offsetLeft - strip.offsetLeft - strip.clientWidth / 2;
    };
    const stop = () => { clearInterval(timer); timer = null; play.textContent = "play"; };
    play.addEventListener("click", () => {
      if (timer) return stop();
      play.textContent = "stop";
      let index = +range.value === items.length - 1 ? -1 : +range.value;
      timer = setInterval(() => ++index < items.length ? show(index) : stop(), 420);
    });
    range.addEventListener("input", () => { stop(); show(+range.value); });
    items.forEach((item, index) => item.addEventListener("click", () => { stop(); show(index); }));
    gallery.querySelector(".strip").classList.add("live");
    bar.hidden = false;
    show(items.length - 1);
  }

  const short = (v) => {
    for (const [limit, mark] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]])
      if (Math.abs(v) >= limit) return +(v / limit).toPrecision(3) + mark;
    return String(+v.toPrecision(3));
  };
  const LEFT = 46, RIGHT = 12, WIDTH = 440, TOP = 30, BASE = 220;
  const nearest = (points, x) => {
    let best = null;
    for (const p of points) if (p[1] !== null && (!best || Math.abs(p[0] - x) < Math.abs(best[0] - x))) best = p;
    return best;
  };
  document.querySelectorAll("svg[data-chart]").forEach((svg) => {
    const { frame, series } = JSON.parse(svg.dataset.chart);
    const pointer = svg.querySelector(".pointer");
    const move = (event) => {
      const box = svg.getBoundingClientRect();
      const at = (event.clientX - box.left) / box.width * WIDTH;
      const x = frame.x0 + (at - LEFT) / (WIDTH - LEFT - RIGHT) * (frame.x1 - frame.x0);
      const near = nearest(series.flatMap((s) => s.points), x);
      if (!near) return;
      const px = LEFT + (near[0] - frame.x0) / ((frame.x1 - frame.x0) || 1) * (WIDTH - LEFT - RIGHT);
      const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
      line.setAttribute("d", `M${px} ${TOP}V${BASE}`);
      const label = document.createElementNS("http://www.w3.org/2000/svg", "text");
      label.setAttribute("x", WIDTH - RIGHT);
      label.setAttribute("y", svg.viewBox.baseVal.y + 16);
      label.setAttribute("text-anchor", "end");
      label.textContent = series.map((s) => {
        const point = s.points.find((p) => p[0] === near[0]);
        return point && point[1] !== null ? short(point[1]) : "–";
      }).join(" / ") + " at " + short(near[0]);
      pointer.replaceChildren(line, label);
    };
    svg.addEventListener("pointermove", move);
    svg.addEventListener("pointerleave", () => pointer.replaceChildren());
  });

  if (navigator.clipboard) document.querySelectorAll(".commands pre").forEach((pre) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(pre.querySelector("code").textContent);
      button.textContent = "copied";
      setTimeout(() => { button.textContent = "copy"; }, 1500);
    });
    pre.append(button);
  });
})();
