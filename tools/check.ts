import { CHECK_STEPS, TIDY_STEP } from './check-steps.ts'
import { runSteps } from './steps.ts'

const failures = await runSteps([...CHECK_STEPS, TIDY_STEP])
if (failures > 0) process.stdout.write(`\n${failures} of the gate's steps failed.\n`)
process.exitCode = failures === 0 ? 0 : 1
