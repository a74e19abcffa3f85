/** Pairs two lists, as far as the shorter one goes. */
export function zip<A, B>(left: readonly A[], right: readonly B[]): readonly (readonly [A, B])[] {
  const pairs: (readonly [A, B])[] = [];
  for (const [index, item] of left.slice(0, right.length).entries()) {
    const other = right[index];
    if (other !== undefined) {
      pairs.push([item, other]);
    }
  }
  return pairs;
}
