"use strict";
// Shows the controls of a ledger and hides the claims that do not fit them. Without it every claim is shown.
for (const controls of document.querySelectorAll(".filter[data-ledger]")) {
  const cards = [...document.getElementById(controls.dataset.ledger).querySelectorAll(".card")];
  const words = controls.querySelector("input"), lists = [...controls.querySelectorAll("select")];
  const found = controls.querySelector(".found");
  const texts = cards.map((card) => card.textContent.toLowerCase());
  const apply = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    cards.forEach((card, i) => {
      const fits = lists.every((list) => !list.value || card.dataset[list.dataset.key] === list.value)
        && wanted.every((word) => texts[i].includes(word));
      card.hidden = !fits;
      count += fits;
    });
    found.textContent = `${count} of ${cards.length} claims`;
  };
  // A link to a claim must arrive: what hides it is taken back, and a row that is folded opens.
  const arrive = () => {
    const card = cards.find((c) => "#" + c.id === location.hash);
    if (!card) return;
    if (card.hidden) { words.value = ""; lists.forEach((list) => { list.value = ""; }); apply(); }
    card.open = true;
    card.scrollIntoView();
  };
  words.addEventListener("input", apply);
  lists.forEach((list) => list.addEventListener("change", apply));
  addEventListener("hashchange", arrive);
  controls.hidden = false;
  arrive();
}
