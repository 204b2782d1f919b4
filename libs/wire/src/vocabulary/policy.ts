import { modes } from '@headroom/core';
import { z } from 'zod';

/** What policies of every kind of setting have. */
export const modeSchema = z.enum(modes);
export const auditLevelSchema = z.enum(['changes', 'all']);
