/** A process that starts an emulator, tells its id and keeps it until it is killed. */
import { startEmulator } from './emulators/emulator-process.ts'
import { redisEmulator } from './emulators/redis-emulator.ts'

const running = await startEmulator(redisEmulator)
process.stdout.write(`${running.pid()}\n`)
