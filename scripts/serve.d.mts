export function serve(folder: string, wanted: number, prefix?: string): Promise<{ port: number; close: () => void }>;
