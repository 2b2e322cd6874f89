// Passkeys: asks the server for options, the device for an answer, and sends it back.
// Everything else on these pages works without a script.
"use strict";

(() => {
  const octets = (text) =>
    Uint8Array.from(
      atob(text.replace(/-/g, "+").replace(/_/g, "/")),
      (character) => character.charCodeAt(0),
    );

  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-")
      .replace(/\//g, "_")
      .replace(/=+$/, "");

  const send = async (path, body, csrf) => {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf },
      body: JSON.stringify(body),
    });
    const told = await answer.json();
    if (!answer.ok) {
      throw new Error([told.detail, told.hint].filter(Boolean).join("; ") + ".");
    }
    return told;
  };

  const read = (options) => {
    const known = (list) => (list || []).map((one) => ({ ...one, id: octets(one.id) }));
    const found = { ...options, challenge: octets(options.challenge) };
    if (options.user) {
      found.user = { ...options.user, id: octets(options.user.id) };
      found.excludeCredentials = known(options.excludeCredentials);
    } else {
      found.allowCredentials = known(options.allowCredentials);
    }
    return found;
  };

  const written = (credential) => {
    const response = {};
    for (const name of [
      "clientDataJSON",
      "attestationObject",
      "authenticatorData",
      "signature",
      "userHandle",
    ]) {
      if (credential.response[name]) {
        response[name] = text(credential.response[name]);
      }
    }
    return {
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response,
    };
  };

  const inWords = (error) =>
    error.name === "NotAllowedError"
      ? "The device did not answer, or you stopped it. Try again."
      : error.name === "InvalidStateError"
        ? "This device holds a passkey of this account already."
        : error.message;

  const use = async (form) => {
    const { passkey, options, answer, csrf } = form.dataset;
    const fields = Object.fromEntries(new FormData(form));
    const publicKey = read(await send(options, fields, csrf));
    const credential = await navigator.credentials[passkey]({ publicKey });
    const told = await send(answer, { ...fields, answer: written(credential) }, csrf);
    window.location.assign(told.next);
  };

  const available = Boolean(window.PublicKeyCredential && navigator.credentials);
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = !available;
    if (form.nextElementSibling) {
      form.nextElementSibling.hidden = available;
    }
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const [button, fault] = [form.querySelector("button"), form.querySelector(".fault")];
      button.disabled = true;
      fault.hidden = true;
      try {
        await use(form);
      } catch (error) {
        fault.textContent = inWords(error);
        fault.hidden = false;
        button.disabled = false;
      }
    });
  }
})();
