export type Shape = 'wide' | 'vertical' | 'square'
/** Part of the picture, in shares of its width and height. */
export type Box = { left: number; width: number }

const RATIOS: Readonly<Record<Shape, number>> = { wide: 16 / 9, vertical: 9 / 16, square: 1 }

/** The columns of a picture that a shape keeps when its middle is wished at `center` (0 left, 1 right). */
export function cropBox(shape: Shape, pictureRatio: number, center: number): Box {
  const width = Math.min(1, RATIOS[shape] / pictureRatio)
  return { left: Math.min(1 - width, Math.max(0, center - width / 2)), width }
}
