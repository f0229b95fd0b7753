/**
 * Returns a regular expression for an integer from `minimum` to `maximum` in digits, with or without leading zeros. It
 * tells client generators which numbers are accepted.
 * @param minimum 0 or 1; a negative one means any integer of up to fifteen digits.
 */
export function digitsPattern(minimum: number, maximum: number): string {
  if (minimum < 0) return "^-?0*[0-9]{1,15}$";
  const least = minimum === 0 ? ["0"] : [];
  return `^0*(${[...least, ...upTo(String(maximum))].join("|")})$`;
}

/** The same for decimals from 0.1 to `maximum`, an integer. */
export function decimalPattern(maximum: number): string {
  const smaller = upTo(String(maximum - 1)).join("|");
  return `^0*(\\.[1-9][0-9]{0,8}|(${smaller})(\\.[0-9]{1,9})?|${maximum}(\\.0{1,9})?)$`;
}

/** Alternatives for 1 to `maximum`: numbers with fewer digits, then those that are smaller at the first, second… digit. */
function upTo(maximum: string): string[] {
  const shorter = Array.from({ length: maximum.length - 1 }, (_, more) => `[1-9]${anyDigits(more)}`);
  const smaller = [...maximum].flatMap((digit, index) => {
    const [least, most] = [index === 0 ? 1 : 0, Number(digit) - 1];
    if (most < least) return [];
    return [`${maximum.slice(0, index)}[${least}-${most}]${anyDigits(maximum.length - index - 1)}`];
  });
  return [...shorter, ...smaller, maximum];
}

function anyDigits(count: number): string {
  return count === 0 ? "" : `[0-9]{${count}}`;
}
