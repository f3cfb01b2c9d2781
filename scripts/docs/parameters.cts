import type {
	INodeProperties,
	INodePropertyCollection,
	INodePropertyOptions,
	NodeParameterValue,
} from 'n8n-workflow';

import { UseApiPikaApi } from '../../credentials/UseApiPikaApi.credentials.ts';
import { Pika } from '../../nodes/Pika/Pika.node.ts';
import { PikaTrigger } from '../../nodes/Pika/PikaTrigger.node.ts';
import { tableOf } from './table.cts';

type AnyOption = INodePropertyOptions | INodeProperties | INodePropertyCollection;

export interface Operation {
	resource: INodePropertyOptions;
	option: INodePropertyOptions;
	fields: INodeProperties[];
}

const { properties } = new Pika().description;

/** Fields that all operations that start a job share. They are described once. */
const SHARED = ['completion', 'waitLimit', 'download', 'outputBinaryField', 'onUnsuccessful'];
export const OPTIONS = 'options';

function isChoice(option: AnyOption): option is INodePropertyOptions {
	return 'value' in option;
}

function isField(option: AnyOption): option is INodeProperties {
	return 'type' in option && 'default' in option;
}

function choicesOf({ options = [] }: INodeProperties): INodePropertyOptions[] {
	return options.filter(isChoice);
}

function isShownFor(
	{ displayOptions }: INodeProperties,
	wanted: Record<string, INodePropertyOptions>,
): boolean {
	return Object.entries(wanted).every(([name, { value }]) =>
		displayOptions?.show?.[name]?.includes(value),
	);
}

function operationsOf(resource: INodePropertyOptions): Operation[] {
	const menus = properties.filter(
		(menu) => menu.name === 'operation' && isShownFor(menu, { resource }),
	);
	return menus.flatMap(choicesOf).map((option) => ({
		resource,
		option,
		fields: properties.filter(
			(field) => field.type !== 'notice' && isShownFor(field, { resource, operation: option }),
		),
	}));
}

/** All operations of the node, in the order of its menus. */
export const operations: Operation[] = properties
	.filter(({ name }) => name === 'resource')
	.flatMap(choicesOf)
	.flatMap(operationsOf);

function defaultOf(field: INodeProperties): string {
	const value = field.default as NodeParameterValue | NodeParameterValue[] | { value?: string };
	if (Array.isArray(value)) return value.join(', ') || 'empty';
	if (typeof value === 'object' && value !== null) {
		return value.value ? `\`${value.value.replace(/^=/, '')}\`` : 'empty';
	}
	if (value === false) return 'off';
	if (value === true) return 'on';
	const chosen = choicesOf(field).find((choice) => choice.value === value);
	if (chosen) return chosen.name;
	return value === '' ? 'empty' : `\`${String(value)}\``;
}

export function sentence(text: string): string {
	return /[.!?…]$/.test(text) ? text : `${text}.`;
}

function choicesIn(field: INodeProperties): string {
	const choices = choicesOf(field);
	if (choices.length === 0) return '';
	if (field.type === 'multiOptions' || choices.every(({ description }) => !description)) {
		return sentence(`Choices: ${choices.map(({ name }) => name).join(', ')}`);
	}
	return choices
		.map(({ name, description }) =>
			description ? `**${name}**: ${sentence(description)}` : `**${name}**.`,
		)
		.map((choice) => `<br>${choice}`)
		.join('');
}

/** The display names of the values that another field must have, without those that it does not offer. */
function namesOf(values: unknown[], field: INodeProperties | undefined): string {
	const names = values.map((value) =>
		value === true ? 'on' : field && choicesOf(field).find((each) => each.value === value)?.name,
	);
	return names.filter(Boolean).join(' or ');
}

/** The conditions under which n8n shows the field. */
function conditionOf(
	{ displayOptions = {} }: INodeProperties,
	siblings: INodeProperties[],
): string {
	const conditions = (which: 'show' | 'hide') =>
		Object.entries(displayOptions[which] ?? {})
			.filter(([name]) => name !== 'resource' && name !== 'operation')
			.map(([name, values = []]) => {
				const field = siblings.find((each) => each.name === name.replace('/', ''));
				return `${field?.displayName ?? name} ${namesOf(values, field)}`;
			})
			.sort()
			.join(', and with ');
	const [shown, hidden] = [conditions('show'), conditions('hide')];
	return [shown && `Only with ${shown}.`, hidden && `Not with ${hidden}.`]
		.filter(Boolean)
		.join(' ');
}

export interface Row {
	label: string;
	name: string;
	default: string;
	meaning: string;
}

export function rowsOf(fields: INodeProperties[], siblings = fields): Row[] {
	return fields
		.filter(({ type }) => type !== 'notice')
		.map((field) => ({
			label: field.displayName,
			name: field.name,
			default:
				field.required && defaultOf(field) === 'empty' ? 'empty, required' : defaultOf(field),
			meaning: [
				field.description ? sentence(field.description) : '',
				field.hint ? sentence(field.hint) : '',
				choicesIn(field),
				conditionOf(field, siblings),
			]
				.filter(Boolean)
				.join(' '),
		}));
}

export function tableOfRows(rows: Row[]): string {
	return tableOf(
		['Parameter', 'Name', 'Default', 'Meaning'],
		rows.map(({ label, name, default: value, meaning }) => [
			`**${label}**`,
			`\`${name}\``,
			value,
			meaning,
		]),
	);
}

function fieldsNamed(names: string[], fields: INodeProperties[]): INodeProperties[] {
	return fields.filter(({ name }) => names.includes(name));
}

export function optionsIn(fields: INodeProperties[]): INodeProperties[] {
	return fieldsNamed([OPTIONS], fields).flatMap(({ options = [] }) => options.filter(isField));
}

const [first] = operations;
const sharedFields = fieldsNamed(SHARED, first?.fields ?? []);
export const sharedRows = rowsOf(sharedFields, first?.fields);
export const optionRows = rowsOf(optionsIn(first?.fields ?? []), first?.fields);

export function isIn(rows: Row[], row: Row): boolean {
	return rows.some((other) => JSON.stringify(other) === JSON.stringify(row));
}

export function waitingTable(): string {
	return tableOfRows(sharedRows);
}

export function optionsTable(): string {
	return tableOfRows(optionRows);
}

/** The operations and their descriptions, for the README. */
export function operationsTable(): string {
	return tableOf(
		['Resource', 'Operation', 'What it does'],
		operations.map(({ resource, option }) => [
			resource.name,
			`**${option.name}**`,
			option.description ?? '',
		]),
	);
}

export function triggerTable(): string {
	return tableOfRows(rowsOf(new PikaTrigger().description.properties));
}

export function credentialTable(): string {
	return tableOfRows(rowsOf(new UseApiPikaApi().properties));
}
