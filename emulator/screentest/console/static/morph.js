// Makes the page on the screen say what a fresh one says and touches only what differs, so that whatever somebody has
// under their hands stays: the focus, an open detail, a field that they type in, a selection, a video that plays.

const FIELDS = "input, select, textarea";
const OURS = "[data-now], [data-measured]"; // what stands in these is written by the script, not by the server

/** What a field has as long as nobody touches it. */
function usual(field) {
  if (field.localName !== "select") return field.defaultValue;
  return ([...field.options].findLast(one => one.defaultSelected) ?? field.options[0])?.value ?? "";
}

/** Whether somebody typed or chose something in a field that was not sent yet. */
export function edited(field) {
  return field.value !== usual(field);
}

/** Whether anything on the page is waiting to be sent. */
export function typed() {
  return [...document.querySelectorAll(FIELDS)].some(edited);
}

/** A form was sent: from now on its fields are the server's again. */
export function sent(form) {
  for (const field of form.querySelectorAll(FIELDS)) {
    const value = field.value;
    if (field.localName === "select") for (const one of field.options) one.defaultSelected = one.value === value;
    else field.defaultValue = value;
    field.value = value;
  }
}

/** Whether a selection begins or ends in a text: it would be lost if the text changed. */
export function held(text) {
  const selection = getSelection();
  return selection.type === "Range" && (selection.anchorNode === text || selection.focusNode === text);
}

/** What makes a node the same one as before, among its siblings. */
function identity(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return node.nodeName;
  const to = node.localName === "form" ? node.querySelector("[name=to]")?.value : "";
  return [node.localName, node.id || node.getAttribute("href") || node.getAttribute("src") || to].join(" ");
}

function attributes(old, fresh) {
  const kept = old.localName === "details" ? "open" : "";
  for (const { name } of [...old.attributes]) if (name !== kept && !fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) {
    if (name !== kept && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

/** Each fresh child finds the first that is the same and keeps it; the others go first, so that what stays need not move. */
function children(old, fresh) {
  const left = new Map();
  for (const one of old.childNodes) left.get(identity(one))?.push(one) ?? left.set(identity(one), [one]);
  const pairs = [...fresh.childNodes].map(one => [one, left.get(identity(one))?.shift()]);
  for (const one of [...left.values()].flat()) one.remove();
  let at = old.firstChild;
  for (const [one, found] of pairs) {
    if (found && found === at) at = at.nextSibling;
    else old.insertBefore(found ?? document.importNode(one, true), at);
    if (found) morph(found, one);
  }
}

/** Make an old node say what the fresh one says. */
export function morph(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (!held(old)) old.data = fresh.data;
    return;
  }
  const field = old.matches(FIELDS);
  if (field && edited(old)) return;
  attributes(old, fresh);
  if (!old.matches(OURS)) children(old, fresh);
  if (field) old.value = usual(old);
}
