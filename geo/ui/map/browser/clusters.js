/**
 * Groups of pins that would cover each other.
 */

/**
 * Join pins that stand too close: each joins the first better-ranked pin within reach, so that a
 * group shows its best pin and the grouping does not depend on anything but rank and position.
 *
 * @template T
 * @param {T[]} pins best first
 * @param {(pin: T) => {x: number, y: number}} where position on the screen, in pixels
 * @param {number} reach pixels
 * @param {(pin: T) => boolean} [alone] pins that never hide and never hide others
 * @returns {T[][]} groups, the best pin of each first
 */
export function cluster(pins, where, reach, alone = () => false) {
  const groups = [];
  for (const pin of pins) {
    const { x, y } = where(pin);
    const group = alone(pin)
      ? undefined
      : groups.find((one) => !one.alone && Math.hypot(one.x - x, one.y - y) < reach);
    if (group) group.pins.push(pin);
    else groups.push({ x, y, pins: [pin], alone: alone(pin) });
  }
  return groups.map((group) => group.pins);
}

/**
 * Where the pins of a group go when they are fanned out around their common place.
 *
 * @param {number} count
 * @returns {[number, number][]} offsets in pixels
 */
export function fan(count) {
  const radius = Math.max(34, (count * 36) / (2 * Math.PI));
  return Array.from({ length: count }, (_, i) => {
    const angle = (2 * Math.PI * i) / count - Math.PI / 2;
    return [Math.round(radius * Math.cos(angle)), Math.round(radius * Math.sin(angle))];
  });
}
