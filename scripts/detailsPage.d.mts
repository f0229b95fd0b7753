export function picturesOf(markdown: string): string[];
export function linksOf(markdown: string): string[];
export function forDetailsPage(markdown: string): string;
