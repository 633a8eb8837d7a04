// One rater's visit: consent, practice, trials, thanks. The server knows where the rater stands; this only shows it.
(() => {
  const $ = (id) => document.getElementById(id);
  const page = document.body.dataset;
  const timed = page.protocol === "timed", alone = timed || page.protocol === "unlimited";
  const ANSWERS = [page.first, page.second];
  const KEYS = { arrowleft: 0, f: 0, arrowright: 1, j: 1 };  // by side
  const FEEDBACK_MS = 1100, DEAF_MS = 250, LATE_MS = 50, FLASHES = 3, PAUSES_MS = [300, 1000, 2000, 4000];
  let standing = null, open = null, appeared = 0, moveOn = null, anew = false, redraw = null, held = -1;

  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const show = (id) => {
    for (const main of document.querySelectorAll("main[id]")) main.hidden = main.id !== id;
    moveOn = document.querySelector(`#${id} .go`);
    if (moveOn) moveOn.focus({ preventScroll: true });
  };
  const say = (words, kind) => { $("said").textContent = words; $("said").className = kind || "quiet"; };
  const trouble = (words) => { $("trouble").textContent = words; $("trouble").hidden = !words; };
  const pause = (attempt) => wait(PAUSES_MS[Math.min(attempt, PAUSES_MS.length - 1)]);

  // A request that is tried until it is answered. Votes may be sent twice: the server stores the first.
  const ask = async (path, sent) => {
    const how = sent === undefined ? {} :
      { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(sent) };
    for (let attempt = 0; ; attempt++) {
      const signal = AbortSignal.timeout ? AbortSignal.timeout(15000) : undefined;
      let reply = null;
      try {
        reply = await fetch(path, { ...how, cache: "no-store", signal });
        const told = reply.ok ? await reply.json() : { refused: reply.status };
        if (reply.status < 500) { if (attempt) trouble(""); return told; }
      } catch (lost) { reply = null; /* the network; try again */ }
      trouble(reply ? "The other end cannot store anything at present; trying again …"
        : "No connection. Your answer is kept; trying again …");
      await pause(attempt);
    }
  };

  // Pictures are fetched and decoded before they are due, so that what is timed is the screen and not the network.
  const decoded = new Map();
  const picture = (name) => {
    if (!decoded.has(name)) {
      if (decoded.size > 40) decoded.delete(decoded.keys().next().value);
      decoded.set(name, (async () => {
        for (let attempt = 0; ; attempt++) {
          const image = new Image();
          image.src = `pictures/${name}${attempt ? `?${attempt}` : ""}`;
          try { await image.decode(); if (attempt > 3) trouble(""); return image; } catch (lost) { await pause(attempt); }
          if (attempt === 3) trouble("A picture does not load; trying again …");
        }
      })());
    }
    return decoded.get(name);
  };

  // Drawn at the size of the screen's own dots; the same smooth enlargement for every picture.
  const shown = () => {
    const count = alone ? 1 : 2, stage = $("stage"), gap = alone ? 0 : 24;
    const across = (stage.clientWidth - gap) / count, down = Math.max(stage.clientHeight, 120);
    const scale = Math.min(across / page.width, down / page.height, 460 / Math.max(page.width, page.height));
    return [Math.floor(page.width * scale), Math.floor(page.height * scale)];
  };
  const draw = (canvas, image) => {
    const brush = canvas.getContext("2d");
    brush.imageSmoothingEnabled = true;
    brush.imageSmoothingQuality = "high";
    if (image) brush.drawImage(image, 0, 0, canvas.width, canvas.height);
    else brush.clearRect(0, 0, canvas.width, canvas.height);
  };
  const frames = () => {
    const [width, height] = shown(), dots = Math.min(window.devicePixelRatio || 1, 3);
    const made = Array.from({ length: alone ? 1 : 2 }, (_, side) => {
      const box = document.createElement(alone ? "div" : "button"), canvas = document.createElement("canvas");
      box.className = "frame";
      Object.assign(box.style, { width: `${width}px`, height: `${height}px` });
      Object.assign(canvas, { width: Math.round(width * dots), height: Math.round(height * dots) });
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", alone ? "the picture" : `the ${side ? "right" : "left"} picture`);
      if (!alone) { box.type = "button"; box.tabIndex = -1; box.addEventListener("click", (event) => clicked(event, side)); }
      box.append(canvas);
      return box;
    });
    $("stage").replaceChildren(...made);
    return made.map((box) => box.firstChild);
  };

  const order = () => standing.swapped ? [1, 0] : [0, 1];
  const buttons = () => $("answers").replaceChildren(...order().map((answer, side) => {
    const button = document.createElement("button"), key = document.createElement("kbd");
    button.type = "button";
    button.dataset.answer = answer;
    key.textContent = side ? "→" : "←";
    button.append(...(side ? [ANSWERS[answer], key] : [key, ANSWERS[answer]]));
    button.addEventListener("click", (event) => clicked(event, side));
    return button;
  }));
  // A button that had the focus gets it back, since the next trial has new ones and a disabled one loses it.
  const enable = (yes) => {
    const all = [...$("answers").children];
    for (const button of all) button.disabled = !yes;
    if (yes && all[held]) all[held].focus({ preventScroll: true });
  };

  // Nobody answers so fast: it is the key or finger of the answer before, and so is the second half of a double click.
  const choose = (side) => { if (open && performance.now() - appeared > DEAF_MS) open(side); };
  const clicked = (event, side) => { if (event.detail < 2) choose(side); };
  addEventListener("keydown", (event) => {
    if (event.repeat && event.key === "Enter") event.preventDefault();  // it would click a button again and again
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    const side = KEYS[event.key.toLowerCase()];
    if (side !== undefined && !$("trial").hidden) { event.preventDefault(); choose(side); }
    else if ((event.key === "Enter" || event.key === " ") && moveOn && document.activeElement.tagName !== "BUTTON") {
      event.preventDefault();
      moveOn.click();
    }
  });

  // Draw in the frame that is under way and wait for the one that ends the exposure, to the nearest of the screen's
  // frames; that one's time.
  const expose = async (canvas, image, ms, began) => {
    draw(canvas, image);
    let now = began, before;
    do { before = now; now = await frame(); } while (now - began + (now - before) / 2 < ms);
    return now;
  };
  // How long it was seen. The frames of a tab that nobody looks at stand still: then it is flashed again.
  const flash = async (canvas, images, masks, ms) => {
    for (let attempt = 1; ; attempt++) {
      while (document.hidden) await wait(200);
      const lasted = await flashOnce(canvas, images, masks, ms);
      if (lasted <= ms + LATE_MS || attempt === FLASHES) return lasted;
    }
  };
  const flashOnce = async (canvas, images, masks, ms) => {
    const cross = document.createElement("div");
    cross.className = "cross";
    cross.textContent = "+";
    canvas.parentElement.append(cross);
    await wait(Number(page.cross));
    cross.remove();
    const began = await frame();
    let now = await expose(canvas, images[0], ms, began);
    const lasted = now - began;
    for (const mask of masks) now = await expose(canvas, mask, Number(page.mask), now);
    draw(canvas, null);
    return lasted;
  };

  const run = async () => {
    const { trial, position, practice, total } = standing;
    if (!trial) { show("thanks"); return; }
    const practising = position < practice;
    show("trial");
    $("count").textContent = practising ? `Practice ${position + 1} of ${practice}` : `${position + 1 - practice} of ${total - practice}`;
    const done = practising ? 0 : (position - practice) / (total - practice);
    $("progress").firstChild.style.width = `${100 * done}%`;
    $("progress").setAttribute("aria-valuemax", total - practice);
    $("progress").setAttribute("aria-valuenow", Math.max(0, position - practice));
    $("label").textContent = trial.label || "";
    const keys = matchMedia("(hover: hover)").matches ? ", or the arrow keys." : ".";
    if (!position) say((alone ? "Use the buttons" : "Choose a picture or a button") + keys);
    buttons();
    enable(false);
    redraw = null;
    const images = await Promise.all(trial.pictures.map(picture));
    const masks = await Promise.all(trial.masks.map(picture));
    let canvases = frames(), lasted = null;
    if (timed) lasted = await flash(canvases[0], images, masks, trial.exposure_ms);
    else {
      redraw = () => { canvases = frames(); canvases.forEach((canvas, side) => draw(canvas, images[side])); };
      redraw();
      await frame();
    }
    const possible = performance.now();
    appeared = timed ? 0 : possible;
    for (const name of standing.ahead) picture(name);
    enable(true);
    const side = await new Promise((chosen) => { open = chosen; });
    const took = performance.now() - possible, answer = alone ? order()[side] : side;
    open = null;
    held = [...$("answers").children].indexOf(document.activeElement);
    enable(false);
    $("answers").children[side].classList.add("chosen");
    if (!alone) $("stage").children[side].classList.add("chosen");
    const told = await ask("api/vote", { position, pictures: trial.pictures, answer, response_ms: took, shown_ms: lasted });
    if (told.refused) { location.reload(); return; }  // another rater has begun here, or the study is another
    if (told.feedback) {
      const right = ANSWERS[told.feedback.answer].toLowerCase();
      if (timed) draw(canvases[0], images[0]);
      const truth = alone ? `it is ${right}` : `it is the one on the ${right}`;
      say(told.feedback.right ? `Correct, ${truth}.` : `No, ${truth}.`, told.feedback.right ? "right" : "wrong");
      await wait(FEEDBACK_MS);
    }
    say("");
    standing = told;
    if (position + 1 === practice && told.trial) show("pause"); else run();
  };

  const agree = async () => {
    $("agree").disabled = true;
    const joined = await ask("api/join", { anew });
    if (joined.refused) { location.reload(); return; }
    standing = await ask("api/state");
    if (standing.stranger) { show("blocked"); return; }
    run();
  };
  const another = () => { anew = true; $("agree").disabled = false; show("consent"); };
  $("agree").addEventListener("click", agree);
  $("anew").addEventListener("click", another);
  $("next").addEventListener("click", another);
  $("resume").addEventListener("click", run);
  $("start").addEventListener("click", run);
  addEventListener("resize", () => { if (redraw && open) redraw(); });

  (async () => {
    standing = await ask("api/state");
    if (standing.stranger || !standing.position) { show("consent"); return; }
    if (!standing.trial) { show("thanks"); return; }
    const left = standing.total - standing.position;
    $("where").textContent = `${standing.position} of ${standing.total} are done; ${left} to go.`;
    show("back");
  })();
})();
