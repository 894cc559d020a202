// Comfort only: every page works without this file. No state is kept in the browser (a frame may not have any).

const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;
const isPlain = (event) => !(event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented);

// Keys of a page stand in its HTML: data-key on what the key presses, within an element that carries data-keys.
// Without data-keys on the page nothing listens, which is how a person switches them off. What is folded away has none.
function pressKey(event) {
  if (!isPlain(event) || isTyping(event.target)) return;
  const wanted = [...document.querySelectorAll("[data-keys] [data-key]")].find((one) => one.dataset.key === event.key && !one.closest("details:not([open]) > :not(summary)"));
  if (!wanted) return;
  event.preventDefault();
  if (wanted.matches("textarea, input")) {
    wanted.focus();
    wanted.scrollIntoView({ block: "center" });
  } else {
    wanted.click();
  }
}

// After a decision the seconds run down; at nought Undo is gone, because the author has been told.
function countDown(banner) {
  const shown = banner.querySelector("[data-seconds]");
  const ends = Date.now() + Number(shown.dataset.seconds) * 1000;
  const timer = setInterval(() => {
    const left = Math.max(0, Math.ceil((ends - Date.now()) / 1000));
    shown.textContent = String(left);
    if (left > 0) return;
    clearInterval(timer);
    banner.querySelectorAll("form, [data-left]").forEach((part) => part.remove());
  }, 500);
}

// A draft that could not be saved says so under the box; the next successful one replaces the words.
function sayUnsaved(event) {
  const line = event.target.closest("[data-unsaved]");
  if (line) line.textContent = line.dataset.unsaved;
}

// A reaction that was refused (the question was locked meanwhile, the visit is over): the page says why when it is new.
function showWhatIs(event) {
  if (event.target.id === "marks") location.reload();
}

// A second press of the same button sends nothing twice.
function sendOnce(event) {
  const form = event.target;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 3000);
}

// A link of the error summary puts the cursor into its field.
function goToField(event) {
  const field = document.querySelector(event.currentTarget.hash);
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.scrollIntoView({ block: "center" });
}

// On a board the rest of the composer comes beneath the field with the first letter. Where a draft goes on, its question
// comes too, unless somebody has typed one meanwhile.
function goOnFromDraft(event) {
  const composer = event.target.querySelector("#composer[data-title]");
  const title = document.getElementById("title");
  if (composer && title && !title.value.trim()) title.value = composer.dataset.title;
}

// Who types before the page's scripts have come (a slow PC) has given its first letter already. htmx listens from here on,
// because its own listener for this event was there before ours.
function catchUp() {
  const title = document.querySelector("#title[hx-get]");
  if (title?.value) title.dispatchEvent(new Event("input", { bubbles: true }));
}

// After an @ and two letters the names that fit are offered beneath the box; the chosen one takes the letters' place.
const SAID = /(?:^|[^\p{L}\p{N}@])@(\p{L}[\p{L}.'’ -]{0,57}[\p{L}.'’-])$/u;
let asking;

function offerPeople(event) {
  const offered = document.querySelector("[data-people]");
  if (event.target.id !== "text" || !offered || !window.htmx) return;
  clearTimeout(asking);
  const said = event.target.value.slice(0, event.target.selectionEnd).match(SAID)?.[1];
  if (!said) return offered.replaceChildren();
  const address = `${offered.dataset.people}?said=${encodeURIComponent(said)}`;
  asking = setTimeout(() => htmx.ajax("GET", address, { target: offered, swap: "innerHTML" }), 400);
}

function speakTo(event) {
  const name = event.target.closest("[data-mention]")?.dataset.mention;
  const box = document.getElementById("text");
  if (!name || !box) return;
  const said = box.value.slice(0, box.selectionEnd).match(SAID)?.[1] ?? "";
  box.setRangeText(`${name} `, box.selectionEnd - said.length, box.selectionEnd, "end");
  box.focus();
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

// A button that copies what stands in a field. A frame that may not use the clipboard still selects and copies.
function offerCopy(button) {
  const field = document.getElementById(button.dataset.copy);
  const label = button.textContent;
  button.hidden = false;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    field.select();
    const isCopied = await Promise.resolve(navigator.clipboard?.writeText(field.value) ?? Promise.reject()).then(() => true, () => document.execCommand("copy"));
    if (!isCopied) return;
    button.textContent = button.dataset.copied;
    setTimeout(() => (button.textContent = label), 3000);
  });
}

document.addEventListener("DOMContentLoaded", catchUp);
document.addEventListener("keydown", pressKey);
document.addEventListener("submit", sendOnce);
document.addEventListener("htmx:sendError", sayUnsaved);
document.addEventListener("htmx:responseError", sayUnsaved);
document.addEventListener("htmx:afterSwap", goOnFromDraft);
document.addEventListener("htmx:responseError", showWhatIs);
document.addEventListener("input", offerPeople);
document.addEventListener("click", speakTo);
document.querySelectorAll("[data-undo]").forEach(countDown);
document.querySelectorAll("[data-copy]").forEach(offerCopy);
document.querySelectorAll(".nhsuk-error-summary a").forEach((link) => link.addEventListener("click", goToField));
document.querySelector("[data-begin]")?.focus({ preventScroll: true }); // where one goes on after a decision
// A page that was opened at one of its headings (the next item of a list) begins there for the keyboard as well.
const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
if (place?.matches('[tabindex="-1"]')) place.focus();
document.querySelector(".nhsuk-error-summary")?.focus();
