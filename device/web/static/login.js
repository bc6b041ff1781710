// The token in exchange for a cookie. A link printed by the camera has it behind the #, which is sent to nobody.

const said = document.getElementById("said");

async function enter(token) {
  const response = await fetch("/api/login", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ token }) });
  if (response.ok) location.replace("/");
  else said.textContent = (await response.json()).error;
}

document.getElementById("login").addEventListener("submit", (event) => {
  event.preventDefault();
  enter(document.getElementById("token").value);
});

function enterByLink() {
  const token = location.hash.slice(1);
  if (!token) return;
  history.replaceState(null, "", "/login");
  enter(token);
}

// Whoever opens the link where this page is shown already only changes what is behind the #.
addEventListener("hashchange", enterByLink);
enterByLink();
