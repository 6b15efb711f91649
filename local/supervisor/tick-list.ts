/** The ticked list a person sees while the platform starts: a spinner line on a terminal, plain lines elsewhere. */
export type TickList = {
  /** Runs one step under its title; the line is ticked with the seconds it took, or crossed. */
  step<Result>(title: string, work: (say: (detail: string) => void) => Promise<Result>): Promise<Result>
  line: (text: string) => void
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const FRAME_MS = 80
const CLEAR_LINE = '\r\u001b[2K'
const GREEN = '\u001b[32m'
const RED = '\u001b[31m'
const DIM = '\u001b[2m'
const RESET = '\u001b[0m'

export function tickList(out: NodeJS.WriteStream = process.stdout): TickList {
  const terminal = out.isTTY
  const paint = (code: string, text: string) => (terminal ? `${code}${text}${RESET}` : text)
  const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(1)} s`

  return {
    async step(title, work) {
      const startedAt = performance.now()
      let detail = ''
      let frame = 0
      const draw = () => {
        frame += 1
        out.write(`${CLEAR_LINE}${FRAMES[frame % FRAMES.length]} ${title} ${paint(DIM, detail)}`)
      }
      const timer = terminal ? setInterval(draw, FRAME_MS) : undefined
      const end = (mark: string) => {
        clearInterval(timer)
        out.write(`${terminal ? CLEAR_LINE : ''}${mark} ${title} ${paint(DIM, `(${seconds(startedAt)})`)}\n`)
      }
      try {
        const result = await work(text => (detail = text))
        end(paint(GREEN, '✔'))
        return result
      } catch (error) {
        end(paint(RED, '✘'))
        throw error
      }
    },
    line: text => void out.write(`${text}\n`),
  }
}
