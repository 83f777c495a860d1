// The pages work without this file. It keeps them fresh: when something happens, the page is fetched again and its parts
// marked data-live are put in the place of the old ones, unless somebody is typing there.
"use strict";

const body = document.body;
const said = document.getElementById("said");
const shown = new Map();
const LEAST = 400;

function parts(root) {
  return new Map([...root.querySelectorAll("[data-live]")].map(part => [part.dataset.live, part]));
}

for (const [name, part] of parts(document)) shown.set(name, part.innerHTML);

function busy(part) {
  const at = document.activeElement;
  return part.contains(at) && at.matches("input:not([type=hidden]), textarea, select");
}

function replace(part, html) {
  const open = new Set([...part.querySelectorAll("details[open][id]")].map(one => one.id));
  const buttons = [...part.querySelectorAll("button, a, summary, [tabindex]")];
  const focused = buttons.indexOf(document.activeElement);
  part.innerHTML = html;
  for (const one of part.querySelectorAll("details[id]")) one.open = open.has(one.id);
  if (focused >= 0) part.querySelectorAll("button, a, summary, [tabindex]")[focused]?.focus({ preventScroll: true });
  prepare(part);
}

let fetching = false;
let again = false;
let last = 0;
let timer = 0;

async function refresh() {
  if (fetching) { again = true; return; }
  fetching = true;
  last = performance.now();
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (answer.redirected) { location.reload(); return; }
    if (answer.ok) {
      const fresh = parts(new DOMParser().parseFromString(await answer.text(), "text/html"));
      for (const [name, part] of parts(document)) {
        const html = fresh.get(name)?.innerHTML;
        if (html === undefined || html === shown.get(name) || busy(part)) continue;
        shown.set(name, html);
        replace(part, html);
      }
    }
  } catch { /* the server is away; the event source says so */ }
  fetching = false;
  if (again) { again = false; soon(); }
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(refresh, Math.max(60, LEAST - (performance.now() - last)));
}

// The clock in the top bar goes on by itself between two looks.
const SHAPE = /^(.{10})T(.{10}).*$/;
function tick() {
  for (const clock of document.querySelectorAll("[data-now]")) {
    clock.begun ??= performance.now();
    const now = Number(clock.dataset.now) + Number(clock.dataset.rate) * (performance.now() - clock.begun) / 1000;
    const date = new Date(Math.floor(now * 10) * 100);
    if (!isNaN(date)) clock.textContent = date.toISOString().replace(SHAPE, "$1 $2");
  }
}

function measure(media) {
  const told = media.closest("figure")?.querySelector("[data-measured]");
  if (!told) return;
  const size = media.videoWidth ? `${media.videoWidth} × ${media.videoHeight}` : media.naturalWidth ? `${media.naturalWidth} × ${media.naturalHeight}` : "";
  const long = Number.isFinite(media.duration) ? `${media.duration.toFixed(1)} s` : "";
  told.textContent = "plays as " + [size, long].filter(Boolean).join(", ");
}

function prepare(root) {
  for (const media of root.querySelectorAll("[data-measure]")) {
    media.addEventListener(media.matches("img") ? "load" : "loadedmetadata", () => measure(media));
    if (media.readyState >= 1 || media.complete && media.naturalWidth) measure(media);
  }
  for (const button of root.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
}

function tell(text) {
  said.textContent = text;
  said.hidden = !text;
}

async function act(form, button) {
  button?.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" });
    if (answer.type === "opaqueredirect") { tell(""); document.activeElement?.closest("input")?.blur(); await refresh(); return; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    tell(page.querySelector("[data-sentence]")?.textContent ?? `refused with ${answer.status}`);
  } catch { tell("the server does not answer"); }
  finally { button?.removeAttribute("aria-busy"); }
}

document.addEventListener("submit", event => {
  if (!event.target.matches("[data-act]")) return;
  event.preventDefault();
  act(event.target, event.submitter);
});

document.addEventListener("change", event => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

document.addEventListener("click", async event => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
  tell("copied");
});

let source = null;
function listen() {
  if (!body.dataset.feed || source) return;
  source = new EventSource(body.dataset.feed);
  const link = text => {
    const at = document.querySelector("[data-link]");
    if (at) { at.dataset.link = text === "live" ? "live" : "away"; at.lastElementChild.textContent = text; at.querySelector("use").setAttribute("href", text === "live" ? "#m-succeeded" : "#m-failed"); }
  };
  source.onopen = () => { link("live"); soon(); };
  source.onerror = () => link("the server is away, trying again");
  for (const kind of ["status", "callback", "inputs", "request"]) source.addEventListener(kind, soon);
}

// A page that nobody sees holds no connection open: browsers have few for one server.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) { source?.close(); source = null; } else { listen(); }
});

document.documentElement.classList.add("live");
prepare(document);
listen();
setInterval(tick, 100);
setInterval(() => { if (!document.hidden && body.dataset.feed && performance.now() - last > Number(body.dataset.every) - 50) refresh(); }, 500);
