// Shows the controls of a ledger, hides the claims that do not fit them and opens those that do. What is chosen stands in
// the address ("#claims?speaker=Press"), so that it can be sent on. Without a script every claim is shown.
for (const controls of document.querySelectorAll(".filter[data-ledger]")) {
  const ledger = document.getElementById(controls.dataset.ledger), name = controls.dataset.ledger.replace(/^ledger-/, "");
  const cards = [...ledger.querySelectorAll(".card")];
  const fields = [...controls.querySelectorAll("[data-key]")];
  const found = controls.querySelector(".found"), none = controls.querySelector(".nothing");
  const texts = cards.map((card) => card.textContent.normalize("NFC").toLowerCase());
  const opened = new Set();

  const apply = () => {
    const wanted = controls.querySelector("input").value.normalize("NFC").toLowerCase().split(/\s+/).filter(Boolean);
    const lists = fields.filter((field) => field.matches("select") && field.value);
    let count = 0;
    cards.forEach((card, i) => {
      const fits = lists.every((list) => card.dataset[list.dataset.key] === list.value)
        && wanted.every((part) => texts[i].includes(part));
      card.hidden = !fits;
      count += fits;
      // A word may stand in the folded part: what is found by it opens, and folds again when the word goes.
      if (card.matches("details") && fits && wanted.length && !card.open) { card.open = true; opened.add(card); }
      else if (opened.has(card) && !(fits && wanted.length)) { card.open = false; opened.delete(card); }
    });
    found.textContent = found.dataset.words.replace("{}", count).replace("{}", cards.length);
    none.hidden = count > 0;
  };
  const choose = (chosen) => fields.forEach((field) => {
    const value = chosen.get(field.dataset.key) ?? "";
    field.value = field.matches("select") && ![...field.options].some((option) => option.value === value) ? "" : value;
  });
  const tell = () => {
    const chosen = new URLSearchParams(fields.filter((field) => field.value).map((field) => [field.dataset.key, field.value]));
    history.replaceState(null, "", String(chosen) ? `#${name}?${chosen}` : `#${controls.dataset.ledger}`);
  };
  const arrive = () => {
    const [place, chosen] = decodeURIComponent(location.hash).slice(1).split(/\?(.*)/s);
    if (chosen !== undefined && place === name) {
      choose(new URLSearchParams(location.hash.split(/\?(.*)/s)[1]));
      apply();
      controls.scrollIntoView();
      return;
    }
    // A link to a claim must arrive: what hides it is taken back, and a row that is folded opens.
    const card = cards.find((one) => one.id === place);
    if (!card) return;
    if (card.hidden) { choose(new Map()); apply(); }
    if (card.matches("details")) card.open = true;
    card.scrollIntoView();
  };
  for (const field of fields) field.addEventListener("input", () => { apply(); tell(); });
  controls.querySelector("button").addEventListener("click", () => { choose(new Map()); apply(); tell(); fields[0].focus(); });
  addEventListener("hashchange", arrive);
  controls.hidden = false;
  arrive();
}
