export function StreamPage({ id }: { id: string }) { return <p>{id}</p> }
