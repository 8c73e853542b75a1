/* Shows the passkey buttons where the browser knows passkeys, and says in words when one did not work. */
if (window.PublicKeyCredential) {
  for (const part of document.querySelectorAll("[data-passkey]")) {
    part.hidden = false;
  }
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const said = document.querySelector("[data-passkey-said]");
  if (said) {
    said.textContent = "The passkey was not used. Try again, or use the other way to sign in.";
  }
});
