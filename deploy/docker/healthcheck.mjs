// Ends with 0 when the server of this container can work. Plain JavaScript with nothing to install.
const port = process.env.SKEIN_PORT ?? "7433";

process.exitCode = await fetch(`http://127.0.0.1:${port}/readyz`, {
  signal: AbortSignal.timeout(2_500),
  redirect: "error",
}).then(
  ({ status }) => (status === 200 ? 0 : 1),
  () => 1,
);
