/** Names of variables that hold secrets. */
const secretName = /(?:_KEY|_TOKEN|_SECRET|PASSWORD|PASSWD|PASSPHRASE)$/iu;

/** The values of the environment's variables that are named as secrets, of 8 characters and more. */
export function secretsOfEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  return Object.entries(env).flatMap(([name, value = ""]) => {
    const secret = value.trim();
    return secretName.test(name) && secret.length >= 8 ? [secret] : [];
  });
}
