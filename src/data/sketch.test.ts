import { describe, expect, it } from 'vitest';
import { Draws } from './draws';
import { sketchCloud, type Outline } from './sketch';

const SQUARE: Outline = [
  [-1, -1],
  [1, -1],
  [1, 1],
  [-1, 1],
  [-1, -1],
];
const rows = (values: Float32Array) =>
  Array.from({ length: values.length / 3 }, (_, i) => Array.from(values.subarray(3 * i, 3 * i + 3)));

describe('a drawing made solid', () => {
  it('pushes a closed outline out to a box, its points by area', () => {
    const cloud = sketchCloud([SQUARE], { how: 'extrude', points: 4000, depth: 1 }, new Draws(1, 'test'));
    const faces = rows(cloud.points).filter(([, , z]) => Math.abs(z ?? 0) === 0.5);
    // Two faces of area 4, walls of area 8.
    expect(faces.length / 4000).toBeCloseTo(0.5, 1);
    for (const [x = 0, y = 0, z = 0] of rows(cloud.points)) {
      const away = Math.max(Math.abs(x), Math.abs(y), 2 * Math.abs(z));
      expect(away).toBeCloseTo(1, 5);
    }
    for (const [x = 0, y = 0, z = 0] of rows(cloud.normals)) expect(Math.hypot(x, y, z)).toBeCloseTo(1, 5);
  });

  it('leaves a hole where one outline lies in another', () => {
    const hole = SQUARE.map(([x, y]) => [x / 2, y / 2] as const);
    const cloud = sketchCloud([SQUARE, hole], { how: 'extrude', points: 1000, depth: 0.2 }, new Draws(1, 'test'));
    const inHole = rows(cloud.points).filter(([x = 0, y = 0]) => Math.max(Math.abs(x), Math.abs(y)) < 0.499);
    expect(inHole).toEqual([]);
  });

  it('makes an open line a wall without faces', () => {
    const line: Outline = [
      [-1, 0],
      [1, 0],
    ];
    const cloud = sketchCloud([line], { how: 'extrude', points: 100, depth: 1 }, new Draws(1, 'test'));
    for (const [, y] of rows(cloud.points)) expect(y).toBe(0);
  });

  it('turns a line about the vertical', () => {
    const line: Outline = [
      [0.5, -1],
      [0.5, 1],
    ];
    const cloud = sketchCloud([line], { how: 'turn', points: 200, depth: 1 }, new Draws(1, 'test'));
    for (const [x = 0, , z = 0] of rows(cloud.points)) expect(Math.hypot(x, z)).toBeCloseTo(0.5, 5);
  });

  it('refuses a drawing without a line', () => {
    const dot: Outline = [[0, 0]];
    expect(() => sketchCloud([dot], { how: 'turn', points: 10, depth: 1 }, new Draws(1, 'test'))).toThrow(/draw one/);
  });
});
