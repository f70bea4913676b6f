"use strict";
// What the page does beside being read. Without any of it everything is there: links lead where they say.

// Says something to those who hear the page, and shows it for a moment to those who see it.
const say = (text) => {
  const line = document.getElementById("says");
  line.textContent = "";
  requestAnimationFrame(() => { line.textContent = text; line.classList.add("shown"); });
  clearTimeout(say.timer);
  say.timer = setTimeout(() => line.classList.remove("shown"), 2500);
};

// Puts text on the clipboard: where the browser has no promise of one (an old one, a page from http), by selecting it.
const copy = async (text) => {
  try { await navigator.clipboard.writeText(text); return true; } catch { /* the older way */ }
  const area = Object.assign(document.createElement("textarea"), { value: text, className: "unseen" });
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
};

// A fixed piece of the page's own words.
const word = (name) => document.getElementById("words").content.getElementById(`word-${name}`).textContent;

// A browser from before 2024 has no pop-overs: its contents are a list, and numbers are links.
const POPS = "showPopover" in HTMLElement.prototype;

// Shows nodes in the pop-over below an element. Esc, or a click beside it, closes it, and the focus goes back.
const pop = (near, nodes) => {
  const box = document.getElementById("pop");
  const close = Object.assign(document.createElement("button"), { type: "button", className: "close" });
  close.setAttribute("aria-label", word("close"));
  close.addEventListener("click", () => box.hidePopover());
  box.replaceChildren(close, ...nodes);
  if (box.matches(":popover-open")) box.hidePopover();
  near.focus({ preventScroll: true });
  box.showPopover({ source: near });
  const at = near.getBoundingClientRect(), wide = document.documentElement.clientWidth;
  const below = at.bottom + box.offsetHeight + 12 < innerHeight || at.top < box.offsetHeight + 12;
  box.style.left = `${Math.max(12, Math.min(at.left, wide - box.offsetWidth - 12))}px`;
  box.style.top = `${scrollY + (below ? at.bottom + 6 : at.top - box.offsetHeight - 6)}px`;
  box.focus({ preventScroll: true });
};

// Where you are: the last section whose beginning has passed the upper third of the window.
{
  const links = new Map([...document.querySelectorAll(".contents .places a")].map((a) => [a.hash.slice(1), a]));
  const parts = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  const seen = new Set();
  const mark = () => {
    const here = parts.filter((part) => seen.has(part)).at(-1);
    for (const [id, link] of links) {
      if (here && id === here.id) link.setAttribute("aria-current", "location");
      else link.removeAttribute("aria-current");
    }
  };
  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries) entry.isIntersecting ? seen.add(entry.target) : seen.delete(entry.target);
    mark();
  }, { rootMargin: "0px 0px -66% 0px" });
  parts.forEach((part) => watch.observe(part));
}

// A heading's sign copies its address; on a narrow screen the contents close once something is chosen.
document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("a[href^='#']");
  if (!link) return;
  const list = POPS && link.closest("[popover]:popover-open");
  if (list && !event.defaultPrevented) list.hidePopover();
  if (link.matches(".anchor") && await copy(new URL(link.getAttribute("href"), location.href).href)) say(word("link"));
});

// What scrolls sideways can be reached by keyboard, and only that.
if ("ResizeObserver" in window) {
  const fit = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth + 1) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  document.querySelectorAll("[data-scrolls]").forEach((region) => fit.observe(region));
}

// On paper every reason is read: what is folded opens, but not where the data come from.
addEventListener("beforeprint", () => document.querySelectorAll("details.card").forEach((card) => { card.open = true; }));
