/* Runs before the first paint: puts back the colours chosen on this device, so that the page does not flash. */
(function () {
  try {
    var choice = window.localStorage.getItem("schoolsafe.theme");
    if (choice === "light" || choice === "dark") {
      document.documentElement.setAttribute("data-bs-theme", choice);
    }
  } catch (error) {
    /* Storage is closed: the device's own preference holds. */
  }
})();
