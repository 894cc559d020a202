// The moments of a launch in which a script saves a click. Each page works without it: it holds a link or a button.

// LTI Client Side postMessages: the VLE lends a frame of its own that keeps small values for us.
function storageFrame(target) {
  const vle = window.opener ?? window.parent;
  return target === "_parent" ? vle : vle.frames[target];
}

// Only the VLE's own origin is asked and believed: another page around us could say what it likes.
function ask(frame, origin, message) {
  return new Promise((resolve) => {
    const id = crypto.randomUUID?.() ?? String(Math.random());
    const finish = (value) => {
      window.removeEventListener("message", listen);
      resolve(value);
    };
    const listen = (event) => {
      if (event.origin !== origin || event.data?.message_id !== id) return;
      finish(event.data.error ? undefined : event.data.value);
    };
    window.addEventListener("message", listen);
    setTimeout(finish, 1000);
    try {
      frame.postMessage({ ...message, message_id: id }, origin);
    } catch {
      finish();
    }
  });
}

async function leaveSecret(link) {
  const { putInto, origin, name, value } = link.dataset;
  await ask(storageFrame(putInto), origin, { subject: "lti.put_data", key: name, value });
  location.replace(link.href);
}

async function fetchSecret(form) {
  const { getFrom, origin, name } = form.dataset;
  const value = await ask(storageFrame(getFrom), origin, { subject: "lti.get_data", key: name });
  if (typeof value !== "string" || value === "") return;
  form.elements.secret.value = value;
  form.requestSubmit();
}

document.querySelectorAll("[data-put-into]").forEach(leaveSecret);
document.querySelectorAll("[data-get-from]").forEach(fetchSecret);
document.querySelectorAll("[data-send-now]").forEach((form) => form.requestSubmit());

// Dynamic registration ends with a word to the VLE, which then closes the frame. It is for whoever is around us, and
// says nothing.
if (document.querySelector("[data-close-frame]")) {
  (window.opener ?? window.parent).postMessage({ subject: "org.imsglobal.lti.close" }, "*");
}
