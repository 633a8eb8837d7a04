// One rater's visit: consent, practice, trials, thanks. The server knows where the rater stands; this only shows it.
(() => {
  const $ = (id) => document.getElementById(id);
  const page = document.body.dataset;
  const timed = page.protocol === "timed", alone = timed || page.protocol === "unlimited";
  const ANSWERS = [page.first, page.second];
  const KEYS = { arrowleft: 0, f: 0, arrowright: 1, j: 1 };  // by side
  const CROSS_MS = 500, MASK_MS = 30, FEEDBACK_MS = 1100, DEAF_MS = 150, PAUSES_MS = [300, 1000, 2000, 4000];
  let standing = null, open = null, began = 0, moveOn = null;

  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const show = (id) => {
    for (const main of document.querySelectorAll("main[id]")) main.hidden = main.id !== id;
    moveOn = document.querySelector(`#${id} .go`);
    if (moveOn) moveOn.focus({ preventScroll: true });
  };
  const say = (words, kind) => { $("said").textContent = words; $("said").className = kind || "quiet"; };

  // A request that is tried until it is answered. Votes may be sent twice: the server stores the first.
  const ask = async (path, sent) => {
    const how = sent === undefined ? {} :
      { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(sent) };
    for (let attempt = 0; ; attempt++) {
      try {
        const reply = await fetch(path, { ...how, cache: "no-store", signal: AbortSignal.timeout(15000) });
        if (reply.ok) { if (attempt) say(""); return await reply.json(); }
        if (reply.status < 500) return { refused: reply.status };
      } catch (lost) { /* the network; try again */ }
      say("No connection. Your answer is kept; trying again …", "lost");
      await wait(PAUSES_MS[Math.min(attempt, PAUSES_MS.length - 1)]);
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
          try { await image.decode(); return image; } catch (lost) { await wait(PAUSES_MS[Math.min(attempt, 3)]); }
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
      if (!alone) { box.type = "button"; box.tabIndex = -1; box.addEventListener("click", () => choose(side)); }
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
    button.addEventListener("click", () => choose(side));
    return button;
  }));
  const enable = (yes) => { for (const button of $("answers").children) button.disabled = !yes; };

  // Nobody answers so fast: it is the key or finger of the answer before.
  const choose = (side) => { if (open && performance.now() - began > DEAF_MS) open(side); };
  addEventListener("keydown", (event) => {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    const side = KEYS[event.key.toLowerCase()];
    if (side !== undefined && !$("trial").hidden) { event.preventDefault(); choose(side); }
    else if ((event.key === "Enter" || event.key === " ") && moveOn && document.activeElement.tagName !== "BUTTON") {
      event.preventDefault();
      moveOn.click();
    }
  });

  // Expose for so many milliseconds, counted in the screen's own frames; how long it was.
  const expose = async (canvas, image, ms) => {
    draw(canvas, image);
    const began = await frame();
    let now = began, before = began;
    while (now - began + (now - before) / 2 < ms) { before = now; now = await frame(); }
    return now - began;
  };
  const flash = async (canvas, images, masks, ms) => {
    const cross = document.createElement("div");
    cross.className = "cross";
    cross.textContent = "+";
    canvas.parentElement.append(cross);
    await wait(CROSS_MS);
    cross.remove();
    await frame();
    const began = performance.now(), lasted = await expose(canvas, images[0], ms);
    for (const mask of masks) await expose(canvas, mask, MASK_MS);
    draw(canvas, null);
    return [began, lasted];
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
    const images = await Promise.all(trial.pictures.map(picture));
    const masks = await Promise.all(trial.masks.map(picture));
    const canvases = frames();
    let lasted = null;
    if (timed) [began, lasted] = await flash(canvases[0], images, masks, trial.exposure_ms);
    else {
      canvases.forEach((canvas, side) => draw(canvas, images[side]));
      began = await frame();
    }
    for (const name of standing.ahead) picture(name);
    enable(true);
    const side = await new Promise((chosen) => { open = chosen; });
    const took = performance.now() - began, answer = alone ? order()[side] : side;
    open = null;
    enable(false);
    $("answers").children[side].classList.add("chosen");
    if (!alone) $("stage").children[side].classList.add("chosen");
    const told = await ask("api/vote", { position, answer, response_ms: took, shown_ms: lasted });
    if (told.refused) { location.reload(); return; }
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

  const join = async (anew) => {
    standing = await ask("api/join", { anew });
    if (standing.refused) { location.reload(); return; }
    run();
  };
  $("agree").addEventListener("click", () => join(false));
  $("anew").addEventListener("click", () => join(true));
  $("resume").addEventListener("click", run);
  $("start").addEventListener("click", run);
  $("next").addEventListener("click", async () => { standing = await ask("api/join", { anew: true }); location.reload(); });

  (async () => {
    standing = await ask("api/state");
    if (standing.stranger || !standing.position) { show("consent"); return; }
    if (!standing.trial) { show("thanks"); return; }
    const left = standing.total - standing.position;
    $("where").textContent = `${standing.position} of ${standing.total} are done; ${left} to go.`;
    show("back");
  })();
})();
