// Leaves the frame of the dialogue: the whole window goes on.
window.top.location.replace(document.getElementById("onward").href);
