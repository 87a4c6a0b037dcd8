import { onThemeChange } from "../plot.js";

// In the site's theme: Swagger UI has a dark one, by a class.
function dress() {
  const root = document.documentElement;
  const isDark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.classList.toggle("dark-mode", isDark);
}

dress();
onThemeChange(dress);

// Requests that are tried out act as the user who is logged in, or with a token (Authorize).
const { schema, csrfToken } = document.getElementById("description").dataset;

SwaggerUIBundle({
  dom_id: "#description",
  url: schema,
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  validatorUrl: null, // nothing is sent to anyone else
  requestInterceptor: (request) => {
    if (request.method !== "GET") request.headers["X-CSRFToken"] = csrfToken;
    return request;
  },
});
