/** Files that were dropped or picked, with the folder that each lies in. */
import type { PictureFile } from '../data/ownImages';

/** Hidden files and those that say that they are something else are no pictures; a file without a type may be one. */
function couldBePicture(file: File): boolean {
  return !file.name.startsWith('.') && (file.type === '' || file.type.startsWith('image/'));
}

function folderOf(path: string): string {
  return path.split('/').at(-2) ?? '';
}

/** What an <input type=file> gave, folders included. */
export function pickedPictures(files: FileList | null): PictureFile[] {
  return Array.from(files ?? [])
    .filter((file) => !file.name.startsWith('.'))
    .map((file) => ({ name: file.name, folder: folderOf(file.webkitRelativePath), file }));
}

/** What was dropped; folders are walked to their ends. */
export async function droppedPictures(data: DataTransfer): Promise<PictureFile[]> {
  // Entries must be taken before the first await: the browser empties the list after the event.
  const entries = Array.from(data.items)
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null);
  if (entries.length === 0) return Array.from(data.files, (file) => ({ name: file.name, folder: '', file }));
  const found = await Promise.all(entries.map((entry) => walk(entry)));
  return found.flat();
}

async function walk(entry: FileSystemEntry): Promise<PictureFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    const inFolder = entry.fullPath.split('/').length > 2;
    // In a folder other files are expected and left out silently; one that was dropped by itself is named when it is no picture.
    return inFolder && !couldBePicture(file) ? [] : [{ name: file.name, folder: folderOf(entry.fullPath), file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const children: FileSystemEntry[] = [];
  // A reader gives a hundred at a time, and none when it is done.
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) break;
    children.push(...part);
  }
  const found = await Promise.all(children.map(walk));
  return found.flat();
}
