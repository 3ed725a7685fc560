// The buttons of the page at the root: each names its request, and the page shows what has come of it.

async function act({ currentTarget: button }) {
  if (button.dataset.ask && !confirm(button.dataset.ask)) return;
  button.disabled = true;
  const answer = await fetch(button.dataset.path, { method: button.dataset.method }).catch(() => null);
  // Somebody who is gone already is what the button was for.
  if (answer?.ok || answer?.status === 404) return location.reload();
  button.disabled = false;
  document.getElementById("failure").textContent = answer ? `Refused: ${answer.status}` : "The server is gone.";
}

for (const button of document.querySelectorAll("button[data-path]")) button.addEventListener("click", act);
