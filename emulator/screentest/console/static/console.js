// The pages work without this file. It keeps them fresh: when something happens, the page is fetched again, and its parts
// marked data-live are made to say what the new ones say.
import { edited, held, morph, sent, typed } from "./morph.js";

const body = document.body;
const said = document.getElementById("said");
const LEAST = 400;
const SHARE = 10; // so many times as long as a look took, the page keeps still: the server has other things to do
const AWAY = 3000;
const BRIEFLY = 4000;

// --- what is told

let silence = 0;
function tell(text, manner = "bad") {
  clearTimeout(silence);
  said.textContent = text;
  said.className = `said ${manner}`;
  said.hidden = !text;
  if (manner === "good") silence = setTimeout(tell, BRIEFLY, "");
}

let source = null;
let halted = ""; // why the page does not follow what happens, although the server answers

function link() {
  const at = document.querySelector("[data-link]");
  if (!at) return;
  const live = !halted && source?.readyState === EventSource.OPEN;
  at.dataset.link = live ? "live" : "away";
  at.lastElementChild.textContent = live ? "live" : halted ? "not live" : "the server is away, trying again";
  at.querySelector("use").setAttribute("href", live ? "#m-succeeded" : "#m-failed");
}

function halt(why) {
  if (why === halted) return;
  halted = why;
  tell(why);
  link();
}

// --- the page, fetched again

let fetching = null;
let last = 0; // when it was asked for
let rested = 0; // when it may be asked for again
let timer = 0;

async function refresh() {
  while (fetching) await fetching; // what is on its way may be from before
  fetching = fetched();
  try { await fetching; } finally { fetching = null; }
}

async function fetched() {
  last = performance.now();
  let answer, text;
  try {
    answer = await fetch(location.href, { headers: { accept: "text/html" } });
    text = await answer.text();
  } catch { return; } // the server is away; the event source says so
  finally {
    const now = performance.now();
    rested = now + Math.max(LEAST - (now - last), SHARE * (now - last));
  }
  if (answer.redirected) location.reload();
  else show(answer, new DOMParser().parseFromString(text, "text/html"));
}

function sentence(page, answer) {
  return page.querySelector("[data-sentence]")?.textContent ?? `refused with ${answer.status}`;
}

function show(answer, page) {
  const fresh = page.body.dataset;
  body.dataset.every = fresh.every ?? 10000;
  if (!answer.ok) { halt(`What you see is not so any more: ${sentence(page, answer)}`); return; }
  if (fresh.feed !== body.dataset.feed) {
    // Another tab has chosen another account. A page that were half of one and half of the other would do harm.
    if (typed()) halt("Another account was chosen elsewhere; this page is still about the one before. Reload it when what you typed is sent.");
    else location.reload();
    return;
  }
  const focused = document.activeElement;
  for (const part of document.querySelectorAll("[data-live]")) {
    const now = page.querySelector(`[data-live="${part.dataset.live}"]`);
    if (now) morph(part, now);
  }
  if (focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true }); // it was moved
  halt("");
}

function soon() {
  const look = () => {
    timer = 0;
    if (fetching) fetching.then(soon);
    else if (performance.now() < rested) soon();
    else refresh();
  };
  timer ||= setTimeout(look, Math.max(60, rested - performance.now()));
}

function listen() {
  if (!body.dataset.feed || source || document.hidden) return;
  const opened = source = new EventSource(body.dataset.feed);
  opened.onopen = () => { link(); soon(); };
  opened.onerror = () => {
    link();
    if (opened.readyState !== EventSource.CLOSED) return;
    // It tries again by itself where nobody answers, but not after a refusal: what it was to follow may be gone.
    source = null;
    setTimeout(async () => { await refresh(); listen(); }, AWAY);
  };
  for (const kind of ["status", "callback", "inputs", "request"]) opened.addEventListener(kind, soon);
}

// A page that nobody sees holds no connection open: browsers have few for one server.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) { source?.close(); source = null; } else { listen(); }
});

function pulse() {
  const now = performance.now();
  const due = Math.max(rested, last + Number(body.dataset.every) - 50);
  if (!document.hidden && body.dataset.feed && !fetching && now > due) refresh();
}

// --- what is written here and not by the server

// The clock in the top bar goes on by itself between two looks.
const SHAPE = /^(.{10})T(.{10}).*$/;
function tick() {
  for (const clock of document.querySelectorAll("[data-now]")) {
    const told = `${clock.dataset.now} ${clock.dataset.rate}`;
    if (clock.told !== told) Object.assign(clock, { told, begun: performance.now() });
    const now = Number(clock.dataset.now) + Number(clock.dataset.rate) * (performance.now() - clock.begun) / 1000;
    const date = new Date(Math.floor(now * 10) * 100);
    if (!isNaN(date) && !held(clock.firstChild)) clock.textContent = date.toISOString().replace(SHAPE, "$1 $2");
  }
}

function measure(media) {
  const told = media.closest("figure")?.querySelector("[data-measured]");
  if (!told) return;
  const size = media.videoWidth ? `${media.videoWidth} × ${media.videoHeight}` : media.naturalWidth ? `${media.naturalWidth} × ${media.naturalHeight}` : "";
  const long = Number.isFinite(media.duration) ? `${media.duration.toFixed(1)} s` : "";
  told.textContent = "plays as " + [size, long].filter(Boolean).join(", ");
}

for (const kind of ["load", "loadedmetadata"]) {
  document.addEventListener(kind, event => { if (event.target.matches?.("[data-measure]")) measure(event.target); }, true);
}

// --- what somebody does

async function act(form, button) {
  button?.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" });
    if (answer.type === "opaqueredirect") { tell(halted); sent(form); await refresh(); return; }
    tell(sentence(new DOMParser().parseFromString(await answer.text(), "text/html"), answer));
    soon(); // what was refused may have been possible when the page was made
  } catch { tell("the server does not answer"); }
  finally { button?.removeAttribute("aria-busy"); }
}

document.addEventListener("submit", event => {
  if (!event.target.matches("[data-act]")) return;
  event.preventDefault();
  act(event.target, event.submitter);
});

document.addEventListener("click", async event => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    tell("copied", "good");
  } catch { tell("the browser lets nothing be copied here"); }
});

// A choice by mouse or touch holds at once. One by keys is a walk past others, so it waits for Enter or the button.
let keyed = false;
document.addEventListener("pointerdown", () => { keyed = false; }, true);
document.addEventListener("keydown", event => {
  keyed = true;
  if (event.key !== "Enter" || !event.target.matches("[data-submit]") || !edited(event.target)) return;
  event.preventDefault();
  event.target.form.requestSubmit();
}, true);
document.addEventListener("change", event => {
  if (!event.target.matches("[data-submit]")) return;
  document.documentElement.classList.toggle("choosing", edited(event.target));
  if (!keyed) event.target.form.requestSubmit();
});

// --- the beginning

document.documentElement.classList.add("live");
for (const media of document.querySelectorAll("[data-measure]")) if (media.readyState >= 1 || media.complete && media.naturalWidth) measure(media);
for (const button of document.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
const tab = document.querySelector("nav [aria-current]"); // on a phone the sections are wider than the screen
if (tab) tab.parentElement.scrollLeft += tab.getBoundingClientRect().left - tab.parentElement.clientWidth / 2;
listen();
setInterval(tick, 100);
setInterval(pulse, 500);
