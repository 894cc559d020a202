// The tool says that its registration is done (Dynamic Registration §4): back to the list of tools.
window.addEventListener("message", (event) => {
  const frame = document.getElementById("registrationframe");
  if (event.source === frame.contentWindow && event.data && event.data.subject === "org.imsglobal.lti.close") {
    window.location.replace(document.getElementById("back").href);
  }
});
