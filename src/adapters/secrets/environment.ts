/** Names of variables that hold secrets. */
const secretName = /(?:_KEY|_TOKEN|_SECRET|PASSWORD|PASSWD|PASSPHRASE)$/iu;

/**
 * The values of the environment's variables that are named as secrets, and the passwords in its addresses (as of a database), of 8
 * characters and more.
 */
export function secretsOfEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  return Object.entries(env).flatMap(([name, value = ""]) => {
    const secret = secretName.test(name) ? value.trim() : passwordIn(value);
    return secret.length >= 8 ? [secret] : [];
  });
}

function passwordIn(value: string): string {
  // Most variables are no addresses, and a hook looks at all of them.
  if (!/^\s*[a-z][a-z\d+.-]*:\/\/[^@\s]*@/iu.test(value) || !URL.canParse(value.trim())) {
    return "";
  }
  const { password } = new URL(value.trim());
  try {
    return decodeURIComponent(password);
  } catch {
    return password;
  }
}
