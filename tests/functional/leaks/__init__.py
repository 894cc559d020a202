"""Who wrote what, where nobody may know: one test for each way by which a name has come out of a forum."""
