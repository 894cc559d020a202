// Posts the one form of this page: a step of a launch that needs no decision.
document.forms[0].submit();
