// The mailbox page. Whatever a message says enters the document as text, or as the document of a
// sandboxed frame that may not run scripts.

const POLL_MS = 1000;
const TABS = ["html", "text", "fields"];
const CODE = /(?<![\w#/=&.+-])\d{6}(?![\w-])/;

const $ = (id) => document.getElementById(id);
const items = new Map();
let messages = [];
let version = null;
let picked = null; // null follows the newest
let shownId = null;
let favouriteTab = "html";

async function poll() {
  try {
    const response = await fetch("/api/messages?outcomes=yes");
    if (!response.ok) throw new Error(response.statusText);
    if (version !== response.headers.get("ETag")) receive(await response.json());
    version = response.headers.get("ETag");
    setStatus(messages.length ? count(messages.length) : "Waiting for mail", "");
  } catch {
    version = null;
    setStatus("The server is gone. Trying again…", "gone");
  }
}

function receive(list) {
  messages = list;
  if (!messages.some((message) => message.id === picked)) picked = null;
  renderList();
  choose(picked ?? messages[0]?.id ?? null);
  $("empty").hidden = messages.length > 0;
  $("delete-all").disabled = messages.length === 0;
}

function setStatus(words, state) {
  if ($("status").textContent !== words) $("status").textContent = words;
  $("status").dataset.state = state;
}

function count(n) {
  return n === 1 ? "1 message" : `${n} messages`;
}

// Items stay the same elements as long as their message exists, so that focus and scroll survive.
function renderList() {
  const present = new Set(messages.map((message) => message.id));
  for (const [id, item] of items) {
    if (!present.has(id)) {
      item.remove();
      items.delete(id);
    }
  }
  for (const message of [...messages].reverse()) {
    if (!items.has(message.id)) {
      items.set(message.id, listItem(message));
      $("messages").prepend(items.get(message.id));
    }
  }
}

function listItem(message) {
  const button = element("button", { type: "button" });
  button.append(
    element("span", { className: "subject" }, message.subject || "(no subject)"),
    element("time", { dateTime: message.received_at }, shortTime(message.received_at)),
    element("span", { className: "recipient" }, message.to),
    statusOf(message),
  );
  button.addEventListener("click", () => {
    picked = message.id;
    choose(message.id);
  });
  const item = element("li");
  item.append(button);
  return item;
}

// The worst that happened; a failure that was made good afterwards counts for nothing.
function statusOf({ outcomes }) {
  const lasting = outcomes.filter((outcome) => outcome.severity !== "temporary");
  const status = lasting.some((outcome) => outcome.event === "complained")
    ? "complained"
    : lasting.some((outcome) => outcome.reason.startsWith("suppress-"))
      ? "suppressed"
      : lasting.some((outcome) => outcome.event === "failed")
        ? "bounced"
        : "delivered";
  return element("span", { className: `outcome ${status}` }, status);
}

function sentence({ recipient, event, severity, reason, message }) {
  const failure = severity ? ` (${severity}, ${reason}): ${message}` : "";
  return `${recipient} – ${event}${failure}`;
}

function choose(id) {
  if (id === shownId) return;
  items.get(shownId)?.firstChild.removeAttribute("aria-current");
  items.get(id)?.firstChild.setAttribute("aria-current", "true");
  shownId = id;
  $("message").hidden = id === null;
  if (id !== null) show(messages.find((message) => message.id === id));
}

function show(message) {
  $("subject").textContent = message.subject || "(no subject)";
  $("from").textContent = message.from;
  $("to").textContent = message.to;
  $("time").textContent = new Date(message.received_at).toLocaleString();
  $("time").dateTime = message.received_at;
  $("outcomes").replaceChildren(
    ...message.outcomes.map((outcome) => element("div", {}, sentence(outcome))),
  );
  $("outcomes").parentElement.hidden = message.outcomes.length === 0;
  $("template").textContent = message.template ?? "";
  $("template-row").hidden = !message.template;
  showCode(message);
  showHtml(message.html);
  $("text").textContent = message.text;
  showFields(message);
  $("tab-html").hidden = !message.html;
  $("tab-text").hidden = !message.text;
  openTab(favouriteTab);
}

function showCode(message) {
  const places = [message.text, wordsOf(message.html), String(message["t:variables"] ?? ""), message.subject];
  const code = places.map((words) => words.match(CODE)?.[0]).find(Boolean);
  $("code").textContent = code ?? "";
  $("code-box").hidden = !code;
  $("copy").textContent = "Copy code";
}

function wordsOf(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  parsed.querySelectorAll("script, style, title").forEach((node) => node.remove());
  return parsed.body.textContent;
}

// A fresh frame each time: giving an old one a new document would add a step to the browser's history.
function showHtml(html) {
  const old = $("panel-html").querySelector("iframe");
  const frame = old.cloneNode();
  frame.srcdoc = `<!doctype html><base target="_blank">${html}`;
  old.replaceWith(frame);
}

function showFields(message) {
  const { id, received_at, outcomes, ...sent } = message;
  const rows = Object.entries({ ...sent, id, received_at }).flatMap(([name, value]) =>
    [value].flat().filter((one) => one !== "").map((one) => fieldRow(name, one)),
  );
  $("fields").replaceChildren(...rows);
}

function fieldRow(name, value) {
  const row = element("tr");
  row.append(element("th", { scope: "row" }, name), element("td", {}, value));
  return row;
}

function openTab(name) {
  const open = $(`tab-${name}`).hidden ? visibleTabs()[0] : name;
  for (const tab of TABS) {
    $(`tab-${tab}`).setAttribute("aria-selected", String(tab === open));
    $(`tab-${tab}`).tabIndex = tab === open ? 0 : -1;
    $(`panel-${tab}`).hidden = tab !== open;
  }
  return open;
}

function visibleTabs() {
  return TABS.filter((tab) => !$(`tab-${tab}`).hidden);
}

function moveTab(event, from) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const tabs = visibleTabs();
  favouriteTab = openTab(tabs.at((tabs.indexOf(from) + step) % tabs.length));
  $(`tab-${favouriteTab}`).focus();
}

async function copyCode() {
  try {
    await navigator.clipboard.writeText($("code").textContent);
    $("copy").textContent = "Copied";
  } catch {
    // Browsers keep the clipboard from pages that come over plain HTTP from another machine.
    getSelection().selectAllChildren($("code"));
    $("copy").textContent = "Selected: copy with Ctrl+C";
  }
}

async function deleteAll() {
  await fetch("/api/messages", { method: "DELETE" }).catch(() => {});
  await poll();
}

function shortTime(iso) {
  const time = new Date(iso);
  const today = time.toDateString() === new Date().toDateString();
  return today ? time.toLocaleTimeString([], { timeStyle: "short" }) : time.toLocaleDateString();
}

function element(tag, properties = {}, words = "") {
  return Object.assign(document.createElement(tag), properties, { textContent: words });
}

async function keepPolling() {
  await poll();
  setTimeout(keepPolling, POLL_MS);
}

for (const tab of TABS) {
  $(`tab-${tab}`).addEventListener("click", () => (favouriteTab = openTab(tab)));
  $(`tab-${tab}`).addEventListener("keydown", (event) => moveTab(event, tab));
}
$("copy").addEventListener("click", copyCode);
$("delete-all").addEventListener("click", deleteAll);
keepPolling();
