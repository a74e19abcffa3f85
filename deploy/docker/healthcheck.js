// Ends with 0 when the server of this container can work. Plain JavaScript with nothing to install.
const port = process.env.SKEIN_PORT ?? "7433";
const signal = AbortSignal.timeout(2_500);

fetch(`http://127.0.0.1:${port}/readyz`, { signal, redirect: "error" })
  .then((response) => {
    process.exitCode = response.status === 200 ? 0 : 1;
  })
  .catch(() => {
    process.exitCode = 1;
  });
