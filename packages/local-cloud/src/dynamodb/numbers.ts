import { validationError } from './errors.ts';

/** The number `digits × 10^exponent`; the digits end in no zero, and zero is `0 × 10^0`. */
interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

const most_digits = 38;
const largest_exponent = 125;
const smallest_exponent = -130;

/**
 * The number as DynamoDB answers it: plain notation, no needless zeros. Throws a
 * `ValidationException` for what is no number, has more than 38 digits or is out of range.
 */
export function normalizeNumber(text: string): string {
  return formatDecimal(checked(readDecimal(text)));
}

/** The sum of two numbers. Throws as `normalizeNumber` does. */
export function addNumbers(left: string, right: string): string {
  return formatDecimal(checked(sum(readDecimal(left), readDecimal(right))));
}

/** The difference of two numbers. Throws as `normalizeNumber` does. */
export function subtractNumbers(left: string, right: string): string {
  const { digits, exponent } = readDecimal(right);
  return formatDecimal(checked(sum(readDecimal(left), { digits: -digits, exponent })));
}

/** A text for a normalized number: texts sort as plain strings do exactly as their numbers sort. */
export function sortableNumber(text: string): string {
  const { digits, exponent } = readDecimal(text);
  if (digits === 0n) return '1';
  const shown = absolute(digits).toString();
  const magnitude = String(magnitudeOf(shown, exponent) + 500);
  if (digits > 0n) return `2${magnitude}${shown}`;
  return `0${complement(magnitude)}${complement(shown)}~`;
}

/** How many bytes DynamoDB counts for a number: two digits a byte, and one for all the rest. */
export function numberSize(text: string): number {
  const { digits } = readDecimal(text);
  if (digits === 0n) return 1;
  return Math.ceil(absolute(digits).toString().length / 2) + (digits < 0n ? 2 : 1);
}

const pattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,5}))?$/;

function readDecimal(text: string): Decimal {
  const [, sign = '', whole = '', fraction = '', power = '0'] = pattern.exec(text) ?? [];
  if (whole + fraction === '') {
    const shown = text === '' ? '' : `: ${text}`;
    throw validationError(`The parameter cannot be converted to a numeric value${shown}`);
  }
  return trimmed(BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n), Number(power) - fraction.length);
}

function trimmed(digits: bigint, exponent: number): Decimal {
  if (digits === 0n) return { digits, exponent: 0 };
  const zeros = /0*$/.exec(digits.toString())?.[0].length ?? 0;
  return { digits: digits / 10n ** BigInt(zeros), exponent: exponent + zeros };
}

function sum(left: Decimal, right: Decimal): Decimal {
  const exponent = Math.min(left.exponent, right.exponent);
  const aligned = (one: Decimal) => one.digits * 10n ** BigInt(one.exponent - exponent);
  return trimmed(aligned(left) + aligned(right), exponent);
}

function checked(number: Decimal): Decimal {
  const shown = absolute(number.digits).toString();
  const magnitude = magnitudeOf(shown, number.exponent);
  if (number.digits !== 0n && magnitude > largest_exponent) throw outOfRange('overflow', 'larger');
  if (number.digits !== 0n && magnitude < smallest_exponent) throw outOfRange('underflow', 'smaller');
  if (shown.length > most_digits) {
    throw validationError('Attempting to store more than 38 significant digits in a Number');
  }
  return number;
}

const outOfRange = (what: string, than: string) =>
  validationError(`Number ${what}. Attempting to store a number with magnitude ${than} than supported range`);

/** The power of ten of the first digit. */
const magnitudeOf = (shown: string, exponent: number) => shown.length - 1 + exponent;

function formatDecimal({ digits, exponent }: Decimal): string {
  const sign = digits < 0n ? '-' : '';
  const shown = absolute(digits).toString();
  if (exponent >= 0) return sign + shown + '0'.repeat(exponent);
  const padded = shown.padStart(1 - exponent, '0');
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}

const absolute = (number: bigint) => (number < 0n ? -number : number);

const complement = (digits: string) => digits.replace(/\d/g, (digit) => String(9 - Number(digit)));
