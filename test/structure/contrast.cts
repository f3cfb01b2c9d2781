/** The contrast that WCAG 2 defines, of the color of an SVG that stands out most from its background. */
export function bestContrast(svg: string, background: string): number {
	const paints = [
		...svg.matchAll(/\b(?:fill|stroke|stop-color)\s*[=:]\s*"?\s*(#[\da-f]{3,6})\b/gi),
	];
	const behind = luminance(background);
	return Math.max(
		...paints.map(([, color = '']) => {
			const [darker = 0, lighter = 0] = [luminance(color), behind].sort((a, b) => a - b);
			return (lighter + 0.05) / (darker + 0.05);
		}),
	);
}

/** How bright a color such as `#f5b301` or `#000` is, from 0 to 1. */
function luminance(color: string): number {
	const digits = color.slice(1);
	const pairs = (digits.length === 3 ? digits.replace(/./g, '$&$&') : digits).match(/../g);
	const [red = 0, green = 0, blue = 0] = (pairs ?? []).map((pair) => {
		const share = parseInt(pair, 16) / 255;
		return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
	});
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
